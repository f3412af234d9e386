"""A flow for Prefect 3 that brings Stripe into Postgres, a task for each group of objects.

``python prefect_flow.py`` runs it once; with ``--serve`` it is run every hour, until stopped. Needs
by_group.py beside it, and stripe-source[postgres].
"""

import sys

from by_group import AT_ONCE, FIRST, GROUPS, deploy_models, sync_group
from prefect import flow, task
from prefect.task_runners import ProcessPoolTaskRunner


@task(task_run_name="sync_{group}", retries=3, retry_delay_seconds=60)
def sync(group: str, account: str | None) -> dict[str, int]:
    """The rows read of each table."""
    return sync_group(group, account).rows


@task(retries=3, retry_delay_seconds=60)
def models(account: str | None) -> int:
    """The number of data models that are deployed."""
    return len(deploy_models(account).models)


@flow(log_prints=True, task_runner=ProcessPoolTaskRunner(max_workers=AT_ONCE))
def stripe(account: str | None = None) -> None:
    """The account first, then the groups side by side, then the models."""
    sync(FIRST, account)
    for done in [sync.submit(group, account) for group in GROUPS]:
        print(done.result())
    print(f"{models(account)} models")


if __name__ == "__main__":
    if "--serve" in sys.argv:
        # One run at a time: two syncs of one pipeline would mix.
        stripe.serve(name="hourly", cron="0 * * * *", limit=1)
    else:
        stripe()
