"""``plays log``, ``replay`` and ``pause``: what was delivered, and what is to be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.options import as_json, destination_options
from stripe_source.cli.plays.scene import check_known, own_plays, plays_of, scene_of
from stripe_source.errors import UsageError

LONGEST = 60  # characters of a key or a reason in a table


@click.command()
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
    with scene_of((destination, dataset, pipeline_name)) as scene:
        for each in names:
            check_known(scene, each)
        rows = [scene.deliveries.of(each) for each in ids]
        if names or not ids:
            rows += scene.deliveries.log(names, status, limit)  # type: ignore[arg-type]
    if as_json or ids:
        document([parsed(row) for row in rows])
        return
    columns = ["found (UTC)", "id", "play", "change", "row", "status", "tries", "outcome"]
    table(columns, [_line(row) for row in rows])


@click.command()
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

    with scene_of((destination, dataset, pipeline_name), writing=True) as scene:
        ids = []
        for each in what:
            if each.startswith(ID):
                ids.append(str(scene.deliveries.of(each)["id"]))
            else:
                check_known(scene, each)
                ids += scene.deliveries.undelivered(each)
        newer = sum(bool(scene.deliveries.newer(each)) for each in ids)
        if ids:
            scene.deliveries.replay(ids)
    note(f"{len(ids):,} will be delivered again by the next run")
    if newer:
        note(f"of {newer:,} a later change of the same row was delivered since")


@click.command()
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
    chosen = plays_of(folder, names)
    with scene_of((destination, dataset, pipeline_name), writing=True) as scene:
        scene.ledger.prepare()
        for name in chosen:
            if off:
                scene.ledger.resume(name)
            else:
                scene.ledger.pause(name)
    note(f"{', '.join(chosen)}: {'goes on' if off else 'paused'}")


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
