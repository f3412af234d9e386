"""A DAG for Airflow 3 that brings Stripe into Postgres every hour, a task for each group.

Put it and by_group.py into the folder of DAGs, and stripe-source[postgres] into the workers'
environment. An hourly run goes on from where the last one was: it needs no data interval, and one
that was left out is no gap. To load what was created in intervals of the past, and move no cursor:

    airflow backfill create --dag-id stripe --from-date 2026-01-01 --to-date 2026-01-31 \\
        --max-active-runs 1 --dag-run-conf '{"window": true}'
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import CronDataIntervalTimetable, dag, get_current_context, task
from by_group import AT_ONCE, FIRST, GROUPS, deploy_models, sync_group


# One of a kind at a time, in whatever runs: two syncs of one pipeline would mix.
@task(max_active_tis_per_dag=1)
def sync(group: str) -> dict[str, int]:
    """The rows read of each table."""
    context = get_current_context()
    window = None
    if context["params"]["window"]:
        window = tuple(context[f"data_interval_{end}"].isoformat() for end in ("start", "end"))
    return sync_group(group, window=window).rows


@task(max_active_tis_per_dag=1)
def models() -> int:
    """The number of data models that are deployed."""
    return len(deploy_models().models)


@dag(
    schedule=CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=AT_ONCE,
    params={"window": False},
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
)
def stripe() -> None:
    """The account first, then the groups side by side, then the models."""
    groups = [sync.override(task_id=f"sync_{group}")(group) for group in GROUPS]
    sync.override(task_id="sync_account")(FIRST) >> groups >> models()


stripe()
