"""``sync``: bounded dlt runs until nothing is pending, from wherever the destination stands."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import dlt
from dlt.common.pipeline import LoadInfo
from dlt.common.runtime.signals import intercepted_signals, was_signal_received
from dlt.extract import DltSource

from stripe_source.alone import alone_in_pipeline
from stripe_source.blanking import commit_masks
from stripe_source.catalog import CATALOG, Resource
from stripe_source.connect import selection
from stripe_source.destination import let_go
from stripe_source.errors import StripeSourceError, UsageError
from stripe_source.extract.loaded import accounts_in
from stripe_source.forget import SOURCE, forget
from stripe_source.inventory import commit_emptied, wait_for_clock
from stripe_source.models import FIVETRAN, MODELS, NoViews, Shelf, deploy, undeploy
from stripe_source.models.settings import deploys
from stripe_source.models.shelf import SHELVES
from stripe_source.models.warehouse import TESTED
from stripe_source.report import Report, filling
from stripe_source.result import SyncResult
from stripe_source.source import stripe_source
from stripe_source.trouble import raise_explained

LOOK_EVERY = 0.2  # seconds
CHUNK_ROWS = 250_000  # rows of a resource in one run: larger loads are faster, a crash costs one


def sync(
    pipeline: dlt.Pipeline,
    *,
    report: Report | None = None,
    chunk_rows: int = CHUNK_ROWS,
    refresh: str | list[str] | None = None,
    models: bool | None = None,
    fivetran: bool | None = None,
    **source: Any,
) -> SyncResult:
    """Bring the destination up to date with Stripe.

    Runs ``stripe_source(**source)`` in packages of about ``chunk_rows`` rows a resource, each
    committed with how far it has come, until nothing is pending. What was interrupted goes on
    where the destination says, on whatever machine. The resources that ``refresh`` names, as a
    list or with commas, are deleted first, state and tables, and loaded anew. In the end the data
    models are deployed, unless ``models`` or the configuration says no; and, where ``fivetran`` or
    the configuration says so, views in the shape of Fivetran's tables, for which all resources that
    they read are loaded, too.

    Raises StripeSourceError with one line for the user; what was loaded before stays.
    """
    if chunk_rows < 1:
        raise UsageError(f"chunk_rows must be at least 1, not {chunk_rows}")
    if report is not None and report.runs:
        raise UsageError("a report is of one sync: give this one another")
    report = report or Report()
    anew = _to_refresh(refresh, source)
    said = {MODELS: models, FIVETRAN: fivetran}
    deploying = {s for s, wanted in said.items() if (deploys(s) if wanted is None else wanted)}
    if FIVETRAN in deploying:
        source |= {"also": [*_also(source), FIVETRAN.name]}
    runs: list[LoadInfo] = []
    selected: list[str] = []
    left: list[str] = []
    accounts_left: list[str] = []
    with alone_in_pipeline(Path(pipeline.pipelines_dir), pipeline.pipeline_name):
        with closing(report):
            while not runs or report.is_due:
                with filling(report):
                    resources = stripe_source(chunk_rows=chunk_rows, **source)
                if not runs:  # the key is good: now local state can go
                    report.uncommitted = _state_of(pipeline)
                    pipeline = _as_the_destination_has_it(pipeline)
                    with _explained(report):
                        # Views that went with the tables that they read come back in any case.
                        deploying |= _forget(pipeline, anew, resources, report)
                        pipeline.run()  # restores the state; loads what other sources have left
                        wait_for_clock(pipeline, SOURCE)
                        commit_emptied(pipeline, SOURCE)
                        commit_masks(pipeline, SOURCE, report.asked)
                    selected = [name for name in CATALOG if name in resources.resources]
                    left = _left(pipeline, resources)
                    held = accounts_in(_state_of(pipeline))
                    accounts_left = [name for name in held if name not in report.accounts]
                runs.append(_run(pipeline, resources, report))
                report.end_run()
                report.loading = _loading(pipeline)
        deployed = _deployed(pipeline, [shelf for shelf in SHELVES if shelf in deploying])
    return SyncResult(
        rows=dict(sorted(report.rows.items())),
        skipped=dict(report.skipped),
        outcomes=dict(report.outcomes),
        misfits={f"{t}.{c}": n for (t, c), n in report.oddities.misfits.items()},
        traffic=report.traffic,
        seconds=report.seconds,
        speed=report.speed,
        accounts=[name for name, each in report.accounts.items() if each.refused is None],
        runs=runs,
        selected=selected,
        left=left,
        accounts_left=accounts_left,
        relisted=dict(report.relisted),
        drift=dict(sorted(report.drift.items())),
        **deployed,
    )


def _deployed(pipeline: dlt.Pipeline, shelves: list[Shelf]) -> dict[str, Any]:
    """The models, or why there are none: whatever becomes of them, what was synced stays so."""
    done: dict[str, Any] = {}
    for shelf in shelves:
        try:
            done[shelf.name] = deploy(pipeline, shelf=shelf)
        except NoViews as impossible:
            done["models_left"] = str(impossible)
        except StripeSourceError as failure:
            tried = str(pipeline.destination.capabilities().sqlglot_dialect) in TESTED
            name = "models_failed" if tried else "models_left"
            said = [done[name]] if name in done else []
            which = "" if shelf is MODELS else f"{shelf.name}: "
            done[name] = "; ".join([*said, f"{which}{failure}"])
    return done


def _to_refresh(refresh: str | list[str] | None, source: dict[str, Any]) -> list[Resource]:
    """The resources to load anew. Raises UsageError where they can't be."""
    if not refresh:
        return []
    if source.get("end_date") is not None:
        raise UsageError("refresh loads resources whole: it can't be had with an end date")
    return selection(refresh)


def _left(pipeline: dlt.Pipeline, resources: DltSource) -> list[str]:
    """Resources that syncs have kept up, and this one does not."""
    every = _state_of(pipeline).get("resources", {})
    return [
        name
        for name in CATALOG
        if name not in resources.resources
        and any("updated" in state for state in every.get(name, {}).values())
    ]


def _forget(
    pipeline: dlt.Pipeline, rows: list[Resource], resources: DltSource, report: Report
) -> set[Shelf]:
    """Delete these resources, if they are among those that are then loaded.

    Returns which data models had to go, too: Postgres drops no table that a view reads.
    """
    missing = ", ".join(row.name for row in rows if row.name not in resources.resources)
    if missing:
        raise UsageError(f"refresh names resources that are not selected: {missing}")
    undeployed: set[Shelf] = set()
    if not rows:
        return undeployed
    pipeline.sync_destination()
    read = {name for name, each in report.accounts.items() if each.refused is None}
    if others := set(accounts_in(_state_of(pipeline))) - read:
        raise UsageError(
            f"refresh deletes the rows of all accounts, and {len(others):,} of them can't be "
            f"read here ({', '.join(sorted(others)[:3])}): name all of them, or use reconcile"
        )
    try:
        for shelf in SHELVES:
            with suppress(NoViews, UsageError):  # nor is there a view where nothing was ever loaded
                undeployed |= {shelf} if undeploy(pipeline, shelf) else set()
        forget(pipeline, rows)
    except Exception:  # somebody else's view reads one of ours, or a table
        _deployed(pipeline, [shelf for shelf in SHELVES if shelf in undeployed])
        raise
    return undeployed


def _also(source: dict[str, Any]) -> list[str]:
    """The names that are to be loaded beside the selection: those given, else configured."""
    also = source.get("also") or dlt.config.get(f"sources.{SOURCE}.also")
    return [row.name for row in selection(also)] if also else []


@contextmanager
def _explained(report: Report) -> Iterator[None]:
    """Close what is open and say in one line what fails in the block, if anything."""
    try:
        yield
    except BaseException as failure:
        report.close()
        let_go()
        if isinstance(failure, Exception):
            raise_explained(failure)
        raise


def _run(pipeline: dlt.Pipeline, resources: DltSource, report: Report) -> LoadInfo:
    with _explained(report):
        with intercepted_signals(), _hung_up(report):
            try:
                info = pipeline.run(resources)
            except Exception as failure:
                if was_signal_received():  # of whoever found that nothing is read any more
                    raise KeyboardInterrupt from failure
                raise
            interrupted = was_signal_received()
        info.raise_on_failed_jobs()
    if interrupted:  # while it loaded: dlt has finished that, and would go on as if nothing was
        raise KeyboardInterrupt
    return info


def _loading(pipeline: dlt.Pipeline) -> float:
    """Seconds that the last run took to load."""
    trace = pipeline.last_trace
    steps = [step for step in (trace.steps if trace else ()) if step.step == "load"]
    return sum((step.finished_at - step.started_at).total_seconds() for step in steps)


@contextmanager
def _hung_up(report: Report) -> Iterator[None]:
    """After a signal, have nobody wait for Stripe: dlt would wait for them."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_EVERY):
            if was_signal_received():
                report.close()
                return

    thread = threading.Thread(target=look, name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _state_of(pipeline: dlt.Pipeline) -> dict[str, Any]:
    """What the source noted last, loaded or not."""
    state: dict[str, Any] = pipeline.state.get("sources", {}).get(SOURCE, {})
    return state


def _as_the_destination_has_it(pipeline: dlt.Pipeline) -> dlt.Pipeline:
    """Forget local state, so that the run restores the destination's.

    dlt keeps the working folder by the pipeline's name, so that it may be another database's or
    that of a crashed run. The destination's state was committed with its rows and is always right.
    A folder that holds other sources' pending packages is left alone; they are loaded first.
    """
    pending = pipeline.has_pending_data  # a package that dlt would load instead of running ours
    ours = set(pipeline.schema_names) <= {"stripe_source"}
    if not pipeline.config.restore_from_destination or (pending and not ours):
        return pipeline
    if pipeline.first_run and not pending:  # true until a load has succeeded
        return pipeline
    return pipeline.drop()
