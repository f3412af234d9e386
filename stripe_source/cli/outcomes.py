"""What actions found or did, as tables or JSON."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stripe_source.cli.console import document, note, table

if TYPE_CHECKING:
    from stripe_source.actions.action import Action
    from stripe_source.actions.outcome import Outcome

TIMES = ("created", "due_date", "canceled_at", "cancel_at")


def show_found(
    action: "type[Action]", found: "list[Outcome]", *, limit: int | None, as_json: bool
) -> None:
    """What a search found as a table; one object as JSON, for it has no end of fields."""
    objects = [each.object or {} for each in found]
    if "limit" not in action.model_fields:
        document(objects[0])
    elif as_json:
        document(objects)
    else:
        table(list(action.shown), [[_cell(obj, name) for name in action.shown] for obj in objects])
        note(
            f"the first {limit}; --limit for more"
            if len(objects) == limit
            else f"{len(objects)} found"
        )


def show_done(done: "list[Outcome]", *, as_json: bool) -> None:
    """What was done to each object, with what changed."""
    if as_json:
        document([plain(each) for each in done])
        return
    for each in done:
        would = "would be " if each.dry_run else ""
        why = f": {each.why}" if each.why else ""
        note(f"{each.id or 'a customer'} {would}{each.outcome}{why}")
        rows = [[path, text(c.before), text(c.after)] for path, c in each.changes.items()]
        if rows:
            table(["property", "before", "after"], rows)


def plain(outcome: "Outcome") -> dict[str, Any]:
    """An outcome as plain data."""
    return {
        "outcome": outcome.outcome,
        "id": outcome.id,
        "changes": outcome.plain_changes,
        "why": outcome.why,
        "request_id": outcome.request_id,
        "dry_run": outcome.dry_run,
        "object": outcome.object,
    }


def text(value: Any) -> str:
    """A value in a cell of a table; lists and hashes as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _cell(obj: dict[str, Any], name: str) -> str:
    value = obj.get(name)
    if name in TIMES and isinstance(value, int):
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S}"
    return text(value)
