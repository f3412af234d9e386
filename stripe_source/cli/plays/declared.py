"""``plays add``, ``list`` and ``test``: what is declared, and what it would do."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from stripe_source.cli.console import document, err, note, table
from stripe_source.cli.options import as_json, destination_options
from stripe_source.cli.plays.scene import names_of_plays, own_plays, plays_of, scene_of
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.plays import Play
    from stripe_source.plays.scene import Scene


@click.command()
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


@click.command("list")
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
    known = plays_of(folder)
    with scene_of((destination, dataset, pipeline_name)) as scene:
        standings, counts = scene.standings, scene.deliveries.counts()
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


@click.command()
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

    known = plays_of(folder, names)
    found, failed = [], 0
    with scene_of((destination, dataset, pipeline_name)) as scene:
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
