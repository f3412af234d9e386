"""``plays``: what starts when a model changes; list, add, test, run, look at what was delivered."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from stripe_source.cli.check import configured
from stripe_source.cli.console import document, err, note, table
from stripe_source.cli.options import as_json, destination_options, place, progress_style
from stripe_source.cli.progress import showing
from stripe_source.cli.ran import Delivering, plain_ran, show_ran
from stripe_source.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import dlt

    from stripe_source.plays import Play
    from stripe_source.plays.run import Scene

Where = tuple[str | None, str | None, str | None]

own_plays = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="The folder of the plays.  [default: ./plays]",
)
names_of_plays = click.argument("names", nargs=-1, metavar="[NAME]...")
LONGEST = 60  # characters of a key or a reason in a table


@click.group()
def plays() -> None:
    """Plays: when a row of a model is added, changed or removed, an action or a webhook starts.

    A play is a file in ./plays: which model, which changes, and where they go. They are run by
    'plays run' after a sync, or by 'sync --watch'.

    \b
    Examples:
      stripe-source plays add invoice_overdue
      stripe-source plays list
      stripe-source plays test
      stripe-source plays run
      stripe-source plays log --status dead
      stripe-source plays replay invoice_overdue
      stripe-source plays pause invoice_overdue
    """


@plays.command()
@click.argument("name", required=False)
@own_plays
@as_json
def add(name: str | None, folder: Path | None, as_json: bool) -> None:
    """Copy a template into ./plays; without a name, show which there are.

    \b
    Examples:
      stripe-source plays add
      stripe-source plays add invoice_overdue
    """
    from stripe_source.plays.declared import folder_for
    from stripe_source.plays.targets.secrets import REFERENCE
    from stripe_source.plays.templates import add_template, templates

    if name is not None:
        file = add_template(name, folder_for(folder))
        secrets = ", ".join(dict.fromkeys(REFERENCE.findall(file.read_text("utf-8"))))
        needs = (
            f" It takes {secrets} from the environment, or dlt's secrets.toml." if secrets else ""
        )
        note(f"{file}: look at it, then 'plays test {name}'.{needs}")
        return
    known = templates().values()
    if as_json:
        document([_plain(play) for play in known])
        return
    table(
        ["template", "what starts it", "target"],
        [[play.name, play.description, play.target.shown] for play in known],
    )


@plays.command("list")
@own_plays
@destination_options
@as_json
def show_list(
    folder: Path | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> None:
    """Show the plays: what they watch, where changes go, and how their deliveries stand.

    \b
    Examples:
      stripe-source plays list
      stripe-source plays list --json
    """
    known = _plays(folder)
    with _scene((destination, dataset, pipeline_name)) as scene:
        standings, counts = scene.ledger.standings(), scene.deliveries.counts()
        wrong = {name: _wrong(scene, play) for name, play in known.items()}
    found = []
    for name, play in known.items():
        standing = standings.get(name)
        found.append(
            _plain(play)
            | {status: counts.get(name, {}).get(status, 0) for status in ("pending", "dead")}
            | {
                "ran_at": standing.ran_at if standing else None,
                "paused": bool(standing and standing.paused_at),
                "paused_why": standing.paused_why if standing else "",
                "wrong": wrong[name],
            }
        )
    if as_json:
        document(found)
        return
    rows = [
        [each["play"], each["model"], ", ".join(each["on"]), each["target"], each["pending"],
         each["dead"], _state(each)]
        for each in found
    ]  # fmt: skip
    table(["play", "model", "on", "target", "pending", "dead", "state"], rows)
    for name, number in counts.items():
        if name not in known and number.get("pending"):
            note(f"{name}: {number['pending']:,} to be delivered, but the play is gone")


@plays.command()
@names_of_plays
@own_plays
@click.option("--backfill", is_flag=True, help="What is there and was never delivered, too.")
@click.option("--limit", default=20, show_default=True, help="How many changes of each to show.")
@destination_options
@as_json
def test(
    names: tuple[str, ...],
    folder: Path | None,
    backfill: bool,
    limit: int,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> int:
    """Show which changes would start plays now, and what would be sent. Nothing is sent or noted.

    \b
    Examples:
      stripe-source plays test
      stripe-source plays test invoice_overdue --backfill --limit 3
    """
    if limit < 1:
        raise UsageError("--limit must be at least 1")
    from stripe_source.errors import StripeSourceError
    from stripe_source.plays.trial import try_out

    known = _plays(folder, names)
    found, failed = [], 0
    with _scene((destination, dataset, pipeline_name)) as scene:
        for play in known.values():
            try:
                found.append(try_out(scene, play, backfill=backfill, most=limit))
            except StripeSourceError as wrong:
                failed += 1
                err(f"{play.name}: {wrong}")
    if as_json:
        document(found)
    else:
        for each in found:
            _show_trial(each)
    return 0 if not failed else 3 if failed < len(known) else 1


@plays.command()
@names_of_plays
@own_plays
@click.option(
    "--backfill", is_flag=True, help="Start them for rows that are there and were never delivered."
)
@click.option(
    "--baseline", is_flag=True, help="Take what is there now as seen, and start nothing for it."
)
@click.option("--limit", type=click.IntRange(1), help="Rows that each may start for, this time.")
@click.option("--stripe-account", metavar="ID", help="A connected account to act for.")
@destination_options
@progress_style
@as_json
def run(
    names: tuple[str, ...],
    folder: Path | None,
    backfill: bool,
    baseline: bool,
    limit: int | None,
    stripe_account: str | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    progress: str,
    as_json: bool,
) -> int:
    """Find what has changed since the last run, and deliver it.

    The first run of a play only takes note of what is there. Exits with 3 where some deliveries or
    plays failed, 1 where all did.

    \b
    Examples:
      stripe-source sync && stripe-source plays run
      stripe-source plays run customer_created --backfill
      stripe-source plays run invoice_overdue --limit 5000
    """
    if backfill and baseline:
        raise UsageError("--backfill and --baseline exclude each other")
    known = _plays(folder, names)
    if backfill and (others := [n for n in names if "added" not in known[n].on]):
        raise UsageError(f"--backfill is for what is there: {others[0]} is not on 'added'")
    connection = configured() | ({"stripe_account": stripe_account} if stripe_account else {})
    with _opened((destination, dataset, pipeline_name), writing=True) as pipeline:
        from dlt.common.pipeline import get_dlt_pipelines_dir

        from stripe_source.plays import Wish, run_plays
        from stripe_source.plays.run import exit_code

        wish = Wish(backfill=backfill, baseline=baseline, limit=limit)
        shown = Delivering()
        # What plays print is no part of the JSON.
        aside = redirect_stdout(sys.stderr) if as_json else nullcontext()
        with showing(progress, shown), aside:
            ran = run_plays(
                pipeline,
                list(known.values()),
                wish=wish,
                connection=connection,
                progress=shown.update,
                locks=Path(get_dlt_pipelines_dir()),
            )
    if as_json:
        document([plain_ran(each) for each in ran])
    for each in ran:
        show_ran(each, quiet=as_json)
    return exit_code(ran)


@plays.command()
@click.argument("what", nargs=-1, metavar="[NAME|ID]...")
@click.option("--status", type=click.Choice(("pending", "delivered", "dead")), help="Only these.")
@click.option("--limit", default=20, show_default=True, help="How many, the newest first.")
@destination_options
@as_json
def log(
    what: tuple[str, ...],
    status: str | None,
    limit: int,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    as_json: bool,
) -> None:
    """Show deliveries: of all plays, of some, or by their ids, then with the row before and after.

    \b
    Examples:
      stripe-source plays log
      stripe-source plays log invoice_overdue --status dead
      stripe-source plays log msg_19cd9f7eadfb4d609005e9ec1d2d2c55 --json
    """
    if limit < 1:
        raise UsageError("--limit must be at least 1")
    from stripe_source.plays.change import ID
    from stripe_source.plays.deliveries import parsed

    ids = [each for each in what if each.startswith(ID)]
    names = [each for each in what if each not in ids]
    with _scene((destination, dataset, pipeline_name)) as scene:
        for each in names:
            _known(scene, each)
        rows = [scene.deliveries.of(each) for each in ids]
        if names or not ids:
            rows += scene.deliveries.log(names, status, limit)  # type: ignore[arg-type]
    if as_json or ids:
        document([parsed(row) for row in rows])
        return
    columns = ["found (UTC)", "id", "play", "change", "row", "status", "tries", "outcome"]
    table(columns, [_line(row) for row in rows])


@plays.command()
@click.argument("what", nargs=-1, required=True, metavar="NAME|ID...")
@destination_options
def replay(
    what: tuple[str, ...],
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
) -> None:
    """Have the next run deliver what failed of a play, dead or not, or deliveries by their ids.

    They keep their ids, so that a target can tell that it has seen them.

    \b
    Examples:
      stripe-source plays replay invoice_overdue && stripe-source plays run
      stripe-source plays replay msg_19cd9f7eadfb4d609005e9ec1d2d2c55
    """
    from stripe_source.plays.change import ID

    with _scene((destination, dataset, pipeline_name), writing=True) as scene:
        ids = []
        for each in what:
            if each.startswith(ID):
                ids.append(str(scene.deliveries.of(each)["id"]))
            else:
                _known(scene, each)
                ids += scene.deliveries.undelivered(each)
        newer = sum(bool(scene.deliveries.newer(each)) for each in ids)
        if ids:
            scene.deliveries.replay(ids)
    note(f"{len(ids):,} will be delivered again by the next run")
    if newer:
        note(f"of {newer:,} a later change of the same row was delivered since")


@plays.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--off", is_flag=True, help="Go on: take the pause back.")
@own_plays
@destination_options
def pause(
    names: tuple[str, ...],
    off: bool,
    folder: Path | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
) -> None:
    """Have plays neither look nor deliver. What has changed until they go on is found then.

    \b
    Examples:
      stripe-source plays pause invoice_overdue
      stripe-source plays pause invoice_overdue --off
    """
    chosen = _plays(folder, names)
    with _scene((destination, dataset, pipeline_name), writing=True) as scene:
        scene.ledger.prepare()
        for name in chosen:
            if off:
                scene.ledger.resume(name)
            else:
                scene.ledger.pause(name)
    note(f"{', '.join(chosen)}: {'goes on' if off else 'paused'}")


def _plays(folder: Path | None, names: tuple[str, ...] = ()) -> "dict[str, Play]":
    """The plays of the folder. Raises UsageError where there are none."""
    from stripe_source.plays.declared import chosen, folder_from, plays_in

    found = plays_in(folder_from(folder))
    if not found:
        raise UsageError("there are no plays here: 'stripe-source plays add' shows templates")
    return chosen(found, names)


@contextmanager
def _opened(where: Where, *, writing: bool = False) -> "Iterator[dlt.Pipeline]":
    from stripe_source.status import restored

    there = place(*where)
    with restored(there.target, there.dataset, there.pipeline_name, writing=writing) as (found, _):
        yield found


@contextmanager
def _scene(where: Where, *, writing: bool = False) -> "Iterator[Scene]":
    from stripe_source.plays.run import opened

    with _opened(where, writing=writing) as pipeline, opened(pipeline) as scene:
        yield scene


def _known(scene: "Scene", name: str) -> None:
    """Raise UsageError for a play that has never run here."""
    known = {*scene.ledger.standings(), *scene.deliveries.counts()}
    if name not in known:
        raise UsageError(f"no play '{name}' has ever run here{did_you_mean(name, known)}")


def _wrong(scene: "Scene", play: "Play") -> str | None:
    """Why a play can't be run, if it can't."""
    from stripe_source.errors import StripeSourceError

    try:
        scene.watched(play)
    except StripeSourceError as failure:
        return str(failure)
    return None


def _plain(play: "Play") -> dict[str, Any]:
    return {
        "play": play.name,
        "description": play.description,
        "model": play.model,
        "on": list(play.on),
        "where": play.where,
        "columns": list(play.columns),
        "target": play.target.shown,
        "limits": play.limits.model_dump(),
        "allow_live": play.allow_live,
    }


def _state(each: Mapping[str, Any]) -> str:
    if each["wrong"]:
        return str(each["wrong"])
    if each["paused"]:
        return f"paused: {each['paused_why']}" if each["paused_why"] else "paused"
    return f"ran {each['ran_at']:%Y-%m-%d %H:%M}" if each["ran_at"] else "not run yet"


def _line(row: Mapping[str, Any]) -> list[Any]:
    from stripe_source.plays.deliveries import parsed

    key = parsed(row)["row_key"]
    shown = ", ".join(str(value) for name, value in key.items() if not name.endswith("account_id"))
    said = row["why"] or row["outcome"] or ""
    if row["status"] == "pending" and row["attempts"]:
        said = f"{said}; next {row['next_at']:%Y-%m-%d %H:%M}"
    return [f"{row['found_at']:%Y-%m-%d %H:%M:%S}", row["id"], row["play"], row["change"],
            _short(shown), row["status"], row["attempts"], _short(said)]  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _show_trial(trial: Mapping[str, Any]) -> None:
    """What would start a play, and what it would send."""
    changes = ", ".join(f"{number:,} {kind}" for kind, number in trial["changes"].items())
    what = f"its first run starts nothing: {trial['baseline']}" if trial["baseline"] else changes
    note(f"{trial['play']}: {trial['rows']:,} rows; {what or 'no changes'}")
    if trial["over_limit"]:
        note(f"that is more than its limit of {trial['limit']:,}: it would start for none")
    for each in trial["examples"]:
        click.echo(f"{each['change']} {orjson.dumps(each['key'], default=str).decode()}")
        refused = each["refused"]
        sent = orjson.dumps(each["sent"], default=str).decode()
        click.echo(f"  {sent}" if refused is None else f"  can't be sent: {refused}")
