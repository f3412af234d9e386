"""An action for each row of a query or a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.console import document, err, note, some, table
from stripe_source.cli.fields import pairs
from stripe_source.cli.options import Place, destination_options, place, progress_style
from stripe_source.cli.outcomes import plain, text
from stripe_source.cli.progress import showing
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.actions.action import Action
    from stripe_source.actions.batch import Plan, Result
    from stripe_source.actions.outcome import Outcome
    from stripe_source.actions.session import Eraser, Session
    from stripe_source.api.client import Client
    from stripe_source.api.traffic import Traffic

FOLDER = Path("stripe_actions")
SHOWN = 20


@dataclass(frozen=True)
class Source:
    """Where the rows come from, and where what becomes of them goes."""

    query: str | None
    file: Path | None
    columns: tuple[str, ...]
    again: bool
    where: Place
    progress: str

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the file, or of the query in the warehouse."""
        from stripe_source.actions.batch import read_rows
        from stripe_source.models.warehouse import warehouse
        from stripe_source.status import restored

        if self.file is not None:
            return read_rows(self.file)
        where = self.where
        with (
            restored(where.target, where.dataset, where.pipeline_name) as (pipeline, _),
            warehouse(pipeline) as there,
        ):
            return there.query(self.query or "")

    @property
    def name(self) -> str:
        """What tells it from other sources."""
        return f"query {self.query}" if self.file is None else f"file {self.file.resolve()}"


def batch_options() -> list[click.Parameter]:
    """The options of a batch."""

    @click.command()
    @click.option(
        "--from-query",
        metavar="SQL",
        help="Do it for each row of a query in the warehouse: columns are properties, or fields, "
        "by their names; where there is --match, it names the one to match by.",
    )
    @click.option(
        "--from-file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The same for each row of a file: .csv, .jsonl or .json.",
    )
    @click.option(
        "--map",
        "columns",
        multiple=True,
        metavar="PROPERTY=COLUMN",
        help="A property's column, where it has another name; then no others are taken.",
    )
    @click.option(
        "--again", is_flag=True, help="Do a batch from its beginning that was done before."
    )
    @destination_options
    @progress_style
    def options() -> None:
        """Never called: it holds the options."""

    return list(options.params)


Where = tuple[str | None, str | None, str | None]
"""The options that say where the warehouse is."""


def taken(given: dict[str, Any]) -> tuple[Source | None, Where]:
    """The options of a batch, taken out of all that were given, and those of the warehouse.

    None where there is no batch.
    """
    where = (given.pop("destination"), given.pop("dataset"), given.pop("pipeline_name"))
    query, file = given.pop("from_query"), given.pop("from_file")
    columns, again, progress = given.pop("columns"), given.pop("again"), given.pop("progress")
    if query is not None and file is not None:
        raise UsageError("--from-query and --from-file exclude each other")
    if query is None and file is None:
        if columns or again:
            raise UsageError("--map and --again are of batches: --from-query or --from-file")
        return None, where
    return Source(query, file, columns, again, place(*where), progress), where


def eraser(client: "Client", where: Place) -> "Eraser":
    """Erases customers in the warehouse that the options name.

    Raises UsageError where that is none of ours.
    """
    from stripe_source.actions.dataset import Dataset
    from stripe_source.erasure import Erasure
    from stripe_source.status import restored

    with restored(where.target, where.dataset, where.pipeline_name):
        pass
    return Erasure(client, Dataset(where.target, where.dataset, where.pipeline_name), FOLDER)


def planned(action: "type[Action]", source: Source, given: Mapping[str, Any]) -> "Plan":
    """What is to be done for each row, by the options of the command."""
    from stripe_source.actions.batch import Plan

    fields = {name: value for name, value in given.items() if value is not None}
    constants = pairs("--set", fields.pop("set_", ()))
    match = fields.pop("match", None)
    if match is not None and "=" in match:
        raise UsageError("--match names a property in a batch; its value is in the rows")
    if "id" in fields:
        raise UsageError("the ids are in the rows of a batch")
    columns, rows = pairs("--map", source.columns), source.rows()
    if columns and rows and (unused := set(rows[0]) - {match, *columns.values()}):
        note(f"columns that are not used: {some(sorted(unused))}")
    return Plan(action, rows, source.name, match, columns, constants, fields)


def carry_out(session: "Session", plan: "Plan", source: Source, *, as_json: bool) -> int:
    """Do it, and show what became of the rows."""
    from stripe_source.actions.batch import Log, Records, confirm, run_batch
    from stripe_source.actions.dataset import Dataset

    where = source.where
    records = Records(Dataset(where.target, where.dataset, where.pipeline_name))
    shown = Acting(session.client.traffic, len(plan.rows))
    confirm(session, plan)  # before there is a bar to be in the way
    try:
        with showing(source.progress, shown):
            result = run_batch(
                session, plan, Log(FOLDER, records), again=source.again, progress=shown.update
            )
    except KeyboardInterrupt:
        if shown.result is not None and not as_json:
            _show(shown.result, session)
        raise
    if as_json:
        document(summary(result))
    else:
        _show(result, session)
    _show_trouble(result)
    return result.exit_code


@dataclass
class Acting:
    """A batch under way, for the progress display."""

    traffic: "Traffic"
    rows: int
    result: "Result | None" = field(default=None)

    def update(self, result: "Result") -> None:
        """Take note of how far it has come."""
        self.result = result

    @property
    def share(self) -> float:
        """Of its rows."""
        return 0.0 if self.result is None else 1 - self.result.left / max(self.rows, 1)

    def doing(self) -> str:
        """It writes."""
        return "writing"

    def numbers(self) -> str:
        """Rows, and rows and requests a second since the start."""
        rows = 0 if self.result is None else self.result.ended
        seconds = max(self.result.seconds if self.result else 0.0, 0.001)
        return (
            f"{rows:,} of {self.rows:,} rows  {rows / seconds:,.1f} rows/s  "
            f"{self.traffic.requests / seconds:,.1f} requests/s"
        )


def summary(result: "Result") -> dict[str, Any]:
    """A result as plain data."""
    return {
        "batch_id": result.batch_id,
        "rows": result.rows,
        "done_before": result.done_before,
        "outcomes": dict(result.outcomes),
        "shown": [{"row": task.number, **plain(each)} for task, each in result.shown],
        "left": result.left,
        "journal": None if result.journal is None else str(result.journal),
        "stopped": None if result.stopped is None else str(result.stopped),
        "not_loaded": result.not_loaded,
        "seconds": round(result.seconds, 3),
        "exit_code": result.exit_code,
    }


def _show(result: "Result", session: "Session") -> None:
    """What would change as a table, what failed as lines, and how many rows became what."""
    shown = sorted(result.shown, key=lambda each: each[0].number)
    changes = [row for task, each in shown for row in _lines(task.number, each)]
    if changes:
        table(["row", "outcome", "object", "property", "before", "after"], changes[:SHOWN])
    failed = [f"row {t.number} {each.outcome}: {each.why}" for t, each in shown if each.why]
    for line in failed[:SHOWN]:
        note(line)
    if left_out := max(len(changes) - SHOWN, 0) + max(len(failed) - SHOWN, 0):
        note(f"and {left_out:,} more lines; --json has all")
    would = "would be " if session.dry_run else ""
    counts = [f"{count:,} {would}{kind}" for kind, count in sorted(result.outcomes.items())]
    if result.done_before:
        counts.append(f"{result.done_before:,} done before")
    if result.left:
        counts.append(f"{result.left:,} left")
    cost = f"{session.client.traffic.requests:,} requests, {result.seconds:.1f} s"
    note(f"{result.rows:,} rows: {some(counts)}; {cost}" if counts else "no rows")
    if result.rows and result.done_before == result.rows:
        note("nothing was left to do; --again does them once more")
    if result.journal is not None:
        note(f"batch {result.batch_id}, in _stripe_actions and {result.journal}")


def _lines(row: int, outcome: "Outcome") -> list[list[str]]:
    """A line for each property that changes, and one for what becomes of an object as a whole."""
    first = [str(row), outcome.outcome, outcome.id or ""]
    changes = [[path, text(c.before), text(c.after)] for path, c in outcome.changes.items()]
    if not changes and outcome.outcome in ("deleted", "canceled"):
        changes = [["", "", ""]]
    return [[*first, *each] for each in changes]


def _show_trouble(result: "Result") -> None:
    if result.not_loaded:
        err(
            f"the outcomes are in {result.journal} alone, not in the warehouse: {result.not_loaded}"
        )
    if result.stopped is not None:
        err(f"{result.stopped}; the same command goes on where it stopped")
