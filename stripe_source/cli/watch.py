"""``sync --watch``: what the rounds come to, a line each."""

import re
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

from stripe_source.cli.check import configured
from stripe_source.cli.console import err, note
from stripe_source.cli.options import place
from stripe_source.cli.progress import Reading, showing
from stripe_source.cli.ran import in_words, plain_ran
from stripe_source.cli.synced import summary
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.report import Report
    from stripe_source.watch import Round

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600}


def every(text: str) -> float:
    """``60s``, ``5m`` or ``1h`` in seconds. Raises UsageError for anything else."""
    found = re.fullmatch(r"(\d{1,6}) *([smh]?)", text.strip())
    seconds = int(found[1]) * SECONDS[found[2]] if found else 0
    if not seconds:
        raise UsageError(f"--watch takes the time of a round, like 60s, 5m or 1h, not '{text}'")
    return float(seconds)


def keep_watching(
    interval: str,
    health_port: int | None,
    where: tuple[str | None, str | None, str | None],
    *,
    style: str,
    as_json: bool,
    quiet: bool,
    source: dict[str, Any],
) -> int:
    """Round after round until SIGTERM or Ctrl-C, which is its good end."""
    seconds = every(interval)
    import dlt

    from stripe_source.health import LONGEST, Health, served
    from stripe_source.plays.declared import folder_for, folder_from, plays_in
    from stripe_source.watch import Stop, Watch

    plays = list(plays_in(folder_from()).values())
    to = place(*where)
    pipeline = dlt.pipeline(to.pipeline_name, destination=to.target, dataset_name=to.dataset)
    connection = configured()
    if source.get("stripe_account"):
        connection["stripe_account"] = source["stripe_account"]
    watch = Watch(pipeline, plays, seconds, connection, source)

    def shown(report: "Report") -> AbstractContextManager[None]:
        return showing("off" if quiet else style, Reading(report))

    health = Health(max(LONGEST, 2 * seconds))
    serving = nullcontext("") if health_port is None else served(health, health_port)
    with Stop().listening() as stop, serving as address:
        if not quiet:
            names = ", ".join(play.name for play in plays) or f"none in {folder_for()}"
            note(f"every {seconds:g} s; plays: {names}" + (f"; {address}" if address else ""))
        for done in watch.rounds(stop, health, shown):
            _show(done, as_json=as_json, quiet=quiet, stopping=stop.asked)
    if not quiet:
        note("stopped")
    return 0


def _show(done: "Round", *, as_json: bool, quiet: bool, stopping: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(_plain(done), default=str))
    elif not quiet and (done.synced is not None or done.ran):
        note(f"{datetime.now():%H:%M:%S}  {_in_words(done)}")
    if not stopping:
        for line in done.trouble:
            err(line)


def _in_words(done: "Round") -> str:
    said = []
    if done.synced is not None:
        rows = sum(done.synced.rows.values())
        said.append(f"{rows:,} rows, {done.synced.traffic.requests:,} requests")
    said += [told for each in done.ran if (told := in_words(each))]
    return "; ".join([*said, f"{done.seconds:.1f} s"])


def _plain(done: "Round") -> dict[str, Any]:
    return {
        "round": done.number,
        "sync": None if done.synced is None else summary(done.synced),
        "plays": [plain_ran(each) for each in done.ran],
        "trouble": done.trouble,
        "seconds": round(done.seconds, 3),
    }
