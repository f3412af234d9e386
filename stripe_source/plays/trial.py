"""What a play would do now: nothing is sent, and nothing noted."""

from datetime import UTC, datetime
from typing import Any

import orjson

from stripe_source.plays.change import ID, Change
from stripe_source.plays.deliveries import object_of
from stripe_source.plays.detect import Wish
from stripe_source.plays.play import Play
from stripe_source.plays.scene import Scene
from stripe_source.plays.targets.target import Refused


def try_out(scene: Scene, play: Play, *, backfill: bool, most: int) -> dict[str, Any]:
    """The changes that would start a play, some with what would be sent of them.

    Raises UsageError for what it can't be run with.
    """
    found, rows = scene.detection(play).look(Wish(backfill=backfill), most)
    return {
        "play": play.name,
        "rows": found.rows,
        "changes": dict(found.changes),
        "baseline": found.baseline,
        "limit": play.limits.rows,
        "over_limit": found.total > play.limits.rows,
        "examples": [_example(play, *row) for row in rows],
    }


def _example(play: Play, key: str, kind: Any, before: str | None, after: str | None) -> Any:
    change = Change(
        id=f"{ID}test",
        play=play.name,
        model=play.model,
        change=kind,
        key=orjson.loads(key),
        before=object_of(before),
        after=object_of(after),
        found_at=datetime.now(UTC),
    )
    told: dict[str, Any] = {"change": kind, "key": change.key, "sent": None, "refused": None}
    try:
        return told | {"sent": play.target.sent(change)}
    except Refused as refusal:
        return told | {"refused": str(refusal)}
