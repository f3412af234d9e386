"""Assets for Dagster that bring the connected accounts of a platform into Postgres.

An account is a partition, an object that Stripe lists is an asset, and a group of them is a step in
a process of its own. Every hour a run for each account is asked for; the run coordinator's limit
says how many there are at a time. Needs dagster-dlt and stripe-source[postgres], and by_group.py:

    dagster dev -f dagster_assets.py -d pipelines
"""

import os
from collections.abc import Iterator
from typing import Any

import dagster as dg
import dlt
import stripe
from by_group import AT_ONCE, FIRST, GROUPS, deploy_models, pipeline_of, sync_group
from dagster_dlt import DagsterDltTranslator, dlt_assets

ACCOUNTS = dg.DynamicPartitionsDefinition(name="stripe_accounts")
UNDER_WAY = [dg.DagsterRunStatus[name] for name in ("QUEUED", "NOT_STARTED", "STARTING", "STARTED")]
FIRST_KEY = dg.AssetKey(["stripe", FIRST])


class Naming(DagsterDltTranslator):
    """Names assets after Stripe's lists; the account goes before the others."""

    def get_asset_spec(self, data: Any) -> dg.AssetSpec:
        """The asset of a list."""
        key = dg.AssetKey(["stripe", data.resource.name])
        deps = [] if key == FIRST_KEY else [FIRST_KEY]
        return super().get_asset_spec(data).replace_attributes(key=key, deps=deps)


@dlt.source(name="stripe")
def lists(names: list[str]) -> Iterator[Any]:
    """What the assets are, without a key: a definition is loaded where nobody may ask Stripe."""
    for name in names:
        yield dlt.resource([], name=name)


def assets_of(group: str, names: list[str]) -> dg.AssetsDefinition:
    """The assets of a group, which one step syncs, or those of it that are asked for."""

    @dlt_assets(
        dlt_source=lists(names),
        dlt_pipeline=pipeline_of(group),
        name=f"sync_{group}",
        group_name=group,
        partitions_def=ACCOUNTS,
        dagster_dlt_translator=Naming(),
    )
    def sync(context: dg.AssetExecutionContext) -> Iterator[Any]:
        wanted = sorted(key.path[-1] for key in context.selected_asset_keys)
        rows = sync_group(group, context.partition_key, only=wanted).rows
        for name in wanted:
            yield dg.MaterializeResult(
                asset_key=["stripe", name], metadata={"rows_read": rows.get(name, 0)}
            )

    return sync


LISTS = [assets_of(FIRST, [FIRST]), *(assets_of(*group) for group in GROUPS.items())]


@dg.asset(
    key_prefix="stripe",
    deps=[key for each in LISTS for key in each.keys],
    partitions_def=ACCOUNTS,
    group_name="models",
)
def models(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """The data models, as views on all that is loaded."""
    deployed = deploy_models(context.partition_key)
    return dg.MaterializeResult(metadata={"models": len(deployed.models)})


account = dg.define_asset_job(
    "account",
    selection=[*LISTS, models],
    partitions_def=ACCOUNTS,
    executor_def=dg.multiprocess_executor.configured({"max_concurrent": AT_ONCE}),
    op_retry_policy=dg.RetryPolicy(max_retries=3, delay=60),
)


@dg.schedule(cron_schedule="0 * * * *", job=account)
def hourly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """A run for each account that is connected, new ones too, but for those still under way."""
    key, base = os.environ["STRIPE_SECRET_KEY"], os.environ.get("STRIPE_API_BASE")
    client = stripe.StripeClient(key, base_addresses={"api": base} if base else None)
    listed = client.v1.accounts.list({"limit": 100}).auto_paging_iter()
    accounts = [each.id for each in listed]
    context.instance.add_dynamic_partitions("stripe_accounts", accounts)
    under_way = dg.RunsFilter(job_name=account.name, statuses=UNDER_WAY)
    busy = {run.tags.get("dagster/partition") for run in context.instance.get_runs(under_way)}
    hour = f"{context.scheduled_execution_time:%Y-%m-%dT%H}"
    return [
        dg.RunRequest(run_key=f"{each} {hour}", partition_key=each)
        for each in accounts
        if each not in busy
    ]


definitions = dg.Definitions(assets=[*LISTS, models], jobs=[account], schedules=[hourly])
