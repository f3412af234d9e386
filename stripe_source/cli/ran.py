"""What a run of plays came to, in words and as plain data."""

from typing import TYPE_CHECKING, Any

from stripe_source.cli.console import err, note

if TYPE_CHECKING:
    from stripe_source.plays import Ran


def in_words(ran: "Ran") -> str:
    """What a play did; nothing where there was nothing to do."""
    if ran.found.baseline:
        return f"{ran.play}: {ran.found.rows:,} rows; {ran.found.baseline}"
    counts = [f"{number:,} {what}" for what, number in sorted(ran.counts.items()) if number]
    if left := ran.left - ran.counts["waiting"]:
        counts.append(f"{left:,} still to be sent")
    return f"{ran.play}: {', '.join(counts)}" if counts else ""


def show_ran(ran: "Ran", *, quiet: bool) -> None:
    """The same for a person; what went wrong, in any case."""
    if not quiet and not (ran.failed or ran.paused):
        note(in_words(ran) or f"{ran.play}: no changes")
    if ran.paused:
        note(f"{ran.play}: paused ({ran.paused}); 'plays pause {ran.play} --off' lets it go on")
    if ran.failed:
        err(f"{ran.play}: {ran.failed}")
    elif ran.closed and not ran.paused:
        err(f"{ran.play}: {ran.closed}; what is left is sent by the next run")
    if ran.counts["dead"]:
        err(f"{ran.play}: {ran.counts['dead']:,} given up; 'plays log {ran.play} --status dead'")


def plain_ran(ran: "Ran") -> dict[str, Any]:
    """As plain data."""
    return {
        "play": ran.play,
        "rows": ran.found.rows,
        "changes": dict(ran.found.changes),
        "baseline": ran.found.baseline,
        **{what: ran.counts[what] for what in ("delivered", "waiting", "dead")},
        "left": ran.left,
        "closed": ran.closed,
        "paused": ran.paused,
        "failed": ran.failed,
    }
