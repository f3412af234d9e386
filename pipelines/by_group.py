"""What schedulers with workers run: an account's objects in groups that load side by side.

A group has a dlt pipeline of a name of its own, so that it knows how far it has come on whatever
worker it runs, and no two groups load into one table. Rows are staged apart, too, for dlt empties
and fills that schema as if nobody else did. Stripe's limits are an account's, so the tasks that run
at the same time on one account share them.

Needs STRIPE_SECRET_KEY; and Postgres, to which several may write at once, in
DESTINATION__POSTGRES__CREDENTIALS.
"""

import logging

import dlt

from stripe_source import SyncResult, sync
from stripe_source.models import Deployment, deploy

GROUPS = {
    # The first three share the table of discounts, and so a task.
    "billing": ["customers", "subscriptions", "invoices", "credit_notes"],
    "catalog": ["products", "prices", "plans", "coupons", "tax_rates"],
    "payments": ["charges", "payment_intents", "invoice_payments", "refunds", "disputes"],
    "balance": ["balance_transactions", "payouts"],
}
FIRST = "account"  # a task before the others: it makes the schema, and dlt's tables in it
AT_ONCE = 2  # tasks of one account
REQUESTS_PER_SECOND = 100 / AT_ONCE  # Stripe's for a live account; in a sandbox 25 / AT_ONCE

log = logging.getLogger(__name__)


def dataset_of(account: str | None) -> str:
    """Here each account has a dataset of its own; None is the key's own account."""
    return "stripe" if account is None else f"stripe_{account.lower()}"


def pipeline_of(group: str, account: str | None = None) -> dlt.Pipeline:
    """The pipeline of a group of an account's objects."""
    dataset = dataset_of(account)
    # A worker runs in any folder; what .dlt/config.toml says of copies of the rows holds there too.
    dlt.config["load.delete_completed_jobs"] = True
    dlt.config["load.truncate_staging_dataset"] = True
    postgres = dlt.destinations.postgres(staging_dataset_name_layout=f"%s_staging_{group}")
    return dlt.pipeline(f"{dataset}_{group}", destination=postgres, dataset_name=dataset)


def sync_group(
    group: str,
    account: str | None = None,
    *,
    only: list[str] | None = None,
    window: tuple[str, str] | None = None,
) -> SyncResult:
    """Bring a group up to date, or ``only`` some of it.

    With a ``window``, load what was created from its start to its end; no cursor moves. Raises
    ValueError for what is no group or not of it, StripeSourceError where nothing could be done, and
    RuntimeError where something failed: what was loaded stays, and the next try goes on from there.
    """
    if group not in {FIRST, *GROUPS}:
        raise ValueError(f"there is no group {group}: {', '.join([FIRST, *GROUPS])}")
    ours = GROUPS.get(group, [FIRST])
    if others := set(only or []).difference(ours):
        raise ValueError(f"not of the group {group}: {', '.join(sorted(others))}")
    start, end = window or (None, None)
    result = sync(
        pipeline_of(group, account),
        resources=only or ours,
        stripe_account=account,
        start_date=start,
        end_date=end,
        requests_per_second=REQUESTS_PER_SECOND,
        models=False,  # they are views on what all groups load, and are deployed after them
    )
    for resource, why in result.skipped.items():
        log.warning("left out: %s: %s", resource, why)
    if result.exit_code in {1, 4}:
        raise RuntimeError(f"{group}: failed: {', '.join(result.skipped)}")
    return result


def deploy_models(account: str | None = None) -> Deployment:
    """Deploy the data models over all that the groups have loaded."""
    return deploy(pipeline_of(FIRST, account))


if __name__ == "__main__":  # one after the other, to try it out
    for each in (FIRST, *GROUPS):
        print(each, sync_group(each).rows)
    deploy_models()
