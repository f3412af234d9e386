"""Runs plays: each looks at its model, then all deliver at the same time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dlt

from stripe_source.alone import alone, alone_in_pipeline
from stripe_source.errors import StripeSourceError, UsageError
from stripe_source.plays.deliver import Line, Progress, Until, deliver
from stripe_source.plays.detect import Found, Wish
from stripe_source.plays.play import Play
from stripe_source.plays.scene import Scene, opened
from stripe_source.plays.targets.target import Access

BY_HAND = "by hand"
BUSY = "the plays of this pipeline are being run by another process; wait for it"


@dataclass
class Ran:
    """What a run of one play came to.

    ``found`` are the changes that started it; ``counts`` how many deliveries are ``delivered`` or
    ``dead``, and ``left`` are still to be delivered, now or by a next attempt, of which ``failing``
    says why not yet. ``closed`` says why not all were sent, ``paused`` why it does nothing, and
    ``failed`` why it did not look at its model, so that it finds the same the next time.
    """

    play: str
    found: Found = field(default_factory=Found)
    counts: Counter[str] = field(default_factory=Counter)
    left: int = 0
    failing: str | None = None
    closed: str | None = None
    paused: str | None = None
    failed: str | None = None

    @property
    def ok(self) -> bool:
        """Whether all that was to be done is done."""
        return not (self.failed or self.closed or self.counts["dead"] or self.left)


def exit_code(ran: Sequence[Ran]) -> int:
    """0 done, 1 where every play failed, 3 where some did, or deliveries did."""
    if all(each.ok for each in ran):
        return 0
    return 1 if all(each.failed for each in ran) else 3


def run_plays(
    pipeline: dlt.Pipeline,
    plays: Sequence[Play],
    *,
    wish: Wish | None = None,
    until: Until | None = None,
    connection: Mapping[str, Any] | None = None,
    progress: Progress = lambda _: None,
    locks: Path | None = None,
) -> list[Ran]:
    """Find what has changed in the models of these plays, and deliver it.

    ``pipeline`` is one that was synced. ``connection`` is how actions reach Stripe, as
    ``actions.connect`` takes it, ``locks`` the folder in which syncs of the pipeline lock each
    other out, where that is not its own. What fails of one play is in its ``Ran``. Raises
    UsageError where nothing is synced, or another process is at it, and DestinationError where the
    warehouse can't be read or written.
    """
    wish, until = wish or Wish(), until or Until()
    folder, name = locks or Path(pipeline.pipelines_dir), pipeline.pipeline_name
    with alone(folder / f"{name}_plays.lock", BUSY), opened(pipeline) as scene, _alone(scene):
        scene.ledger.prepare()
        access = Access(scene.accounts, scene.livemode, connection or {})
        ran = {play.name: Ran(play.name) for play in plays}
        with ExitStack() as open_:
            with alone_in_pipeline(folder, name):  # what a sync has half loaded is no change
                began = [_began(scene, play, ran[play.name], wish, access, open_) for play in plays]
            lines = [line for line in began if line is not None]
            waiting = scene.deliveries.counts()
            for line in lines:
                line.due = waiting.get(line.play.name, {}).get("pending", 0)
            try:
                deliver(lines, scene.deliveries, until, progress)
            finally:
                for line in lines:
                    _note(scene, line, ran[line.play.name])
        waiting, failing = scene.deliveries.counts(), scene.deliveries.failing()
        for each in ran.values():
            each.left = waiting.get(each.play, {}).get("pending", 0)
            each.failing = failing.get(each.play)
    return list(ran.values())


@contextmanager
def _alone(scene: Scene) -> Iterator[None]:
    """On Postgres no other machine runs plays of the dataset; DuckDB's file has one writer."""
    if scene.place.schemas.dialect != "postgres":
        yield
        return
    key = f"hashtext('{scene.place.schemas.raw} plays')"
    if not scene.place.select(f"SELECT pg_try_advisory_lock({key})")[0][0]:
        raise UsageError(BUSY)
    try:
        yield
    finally:
        scene.place.select(f"SELECT pg_advisory_unlock({key})")


def _began(
    scene: Scene, play: Play, ran: Ran, wish: Wish, access: Access, open_: ExitStack
) -> Line | None:
    """Have a play look at its model, and get ready to deliver; None where that can't be."""
    standing = scene.standing(play)
    if standing.paused_at is not None:
        ran.paused = standing.paused_why or BY_HAND
        return None
    try:
        detection = scene.detection(play)
        # Before the look: where the target can't be had, it is as if the play had not been run.
        send = open_.enter_context(play.target.open(access, allow_live=play.allow_live))
    except StripeSourceError as failure:
        ran.failed = str(failure)
        return None
    try:
        ran.found = detection.take_in(wish)
    except StripeSourceError as failure:
        ran.failed = str(failure)  # what was found before is delivered all the same
    return Line(play, send)


def _note(scene: Scene, line: Line, ran: Ran) -> None:
    ran.counts, ran.closed = line.counts, line.closed
    if line.not_before:
        scene.deliveries.postpone(line.play.name, line.not_before)
    if line.withdrawn:
        scene.ledger.pause(line.play.name, line.withdrawn)
        ran.paused = line.withdrawn
