"""What a run of plays came to, in words and as plain data."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stripe_source.cli.console import err, note

if TYPE_CHECKING:
    from stripe_source.plays import Ran
    from stripe_source.plays.deliver import Line


@dataclass
class Delivering:
    """Plays under way, for the progress display."""

    began: float = field(default_factory=time.monotonic)
    due: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def update(self, lines: "Sequence[Line]") -> None:
        """Take note of how far they have come."""
        self.due = sum(line.due for line in lines)
        self.counts = sum((line.counts for line in lines), Counter())

    @property
    def share(self) -> float:
        """Of what is due."""
        return (self.counts["delivered"] + self.counts["dead"]) / max(self.due, 1)

    def doing(self) -> str:
        """Looking at the models, and then sending."""
        return "sending" if self.due else "looking"

    def numbers(self) -> str:
        """Deliveries, and how many a second."""
        sent = self.counts["delivered"]
        rate = sent / max(time.monotonic() - self.began, 0.001)
        return f"{sent:,} of {self.due:,} delivered  {rate:,.1f}/s"


def in_words(ran: "Ran") -> str:
    """What a play did; nothing where there was nothing to do."""
    if ran.found.baseline:
        return f"{ran.play}: {ran.found.rows:,} rows; {ran.found.baseline}"
    counts = [f"{number:,} {what}" for what, number in sorted(ran.counts.items()) if number]
    if ran.left:
        counts.append(f"{ran.left:,} still to be delivered")
    return f"{ran.play}: {', '.join(counts)}" if counts else ""


def show_ran(ran: "Ran", *, quiet: bool) -> None:
    """The same for a person; what went wrong, in any case."""
    if not quiet and not (ran.failed or ran.paused):
        note(in_words(ran) or f"{ran.play}: no changes")
    if ran.paused:
        note(f"{ran.play}: paused ({ran.paused}); 'plays pause {ran.play} --off' lets it go on")
    if ran.failed:
        err(f"{ran.play}: {ran.failed}")
    elif not ran.paused and (why := ran.failing or ran.closed):
        err(f"{ran.play}: {why}")
    if ran.counts["dead"]:
        err(f"{ran.play}: {ran.counts['dead']:,} given up; 'plays log {ran.play} --status dead'")


def plain_ran(ran: "Ran") -> dict[str, Any]:
    """As plain data."""
    return {
        "play": ran.play,
        "rows": ran.found.rows,
        "changes": dict(ran.found.changes),
        "baseline": ran.found.baseline,
        **{what: ran.counts[what] for what in ("delivered", "dead")},
        "left": ran.left,
        "failing": ran.failing,
        "closed": ran.closed,
        "paused": ran.paused,
        "failed": ran.failed,
    }
