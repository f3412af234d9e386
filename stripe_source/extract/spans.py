"""Half-open spans of ``created``: what of a list is still to be read, and how it is split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stripe_source.api.pages import Page
from stripe_source.settings import PAGE_SIZE, STRIPE_EPOCH

SpanState = list[int | str | None]  # [start, end, after, of], as dlt's state keeps a span

CLOCKS = "test clocks"
"""What a span is ``of`` until the test clocks have been read: then it is a span for each."""


@dataclass(frozen=True)
class Bounds:
    """What the user asked for: half-open, in seconds. An end makes it a one-off window."""

    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Span:
    """Rows with ``start <= created < end``, newest first, from behind the row ``after``.

    ``end`` None is up to whatever is newest. ``start`` None marks a list that can't be filtered.
    ``of`` is another parameter that the list is asked with, as ``test_clock=clock_1``: no list has
    what lives on a test clock without it.
    """

    start: int | None
    end: int | None = None
    after: str | None = None
    of: str | None = None

    def query(self) -> list[tuple[str, str]]:
        """The list parameters that read this span's first page."""
        query: list[tuple[str, str]] = []
        if self.start is not None and self.start > 0:
            query.append(("created[gte]", str(self.start)))
        if self.end is not None:
            query.append(("created[lt]", str(self.end)))
        if self.after is not None:
            query.append(("starting_after", self.after))
        if self.of is not None:
            name, _, value = self.of.partition("=")
            query.append((name, value))
        return query

    def rest(self, page: Page, now: int, *, split: bool) -> list["Span"]:
        """What is left after a page, as one span or, if wanted and worth it, as two.

        The older half starts afresh; the newer one goes on behind the page's last row, so that the
        second in which the page ends is neither cut nor read twice.
        """
        if not page.has_more:
            return []
        last = page.last_created
        if self.start is None or last is None:
            return [replace(self, after=page.last_id)]
        newer = replace(self, end=last + 1, after=page.last_id)
        floor = max(self.start, STRIPE_EPOCH)
        middle = (floor + last + 1) // 2
        if not split or middle >= last or self._rows_left(page, last, now) < 2 * PAGE_SIZE:
            return [newer]
        return [replace(newer, start=middle), replace(self, end=middle, after=None)]

    def without_cursor(self) -> "Span":
        """The same rows when the row ``after`` is gone: its second is read again."""
        return replace(self, after=None)

    def _rows_left(self, page: Page, last: int, now: int) -> float:
        """A guess, by the density of the page."""
        newest = now if self.end is None else self.end
        floor = max(self.start or 0, STRIPE_EPOCH)
        return page.rows / max(newest - last, 1) * (last - floor)

    def state(self) -> SpanState:
        """The span as JSON."""
        return [self.start, self.end, self.after, *([self.of] if self.of else [])]


def from_state(states: Sequence[SpanState]) -> list[Span]:
    """Spans as dlt's state keeps them."""
    return [Span(*state) for state in states]  # type: ignore[arg-type]


def seconds(spans: Sequence[Span], now: int, oldest: int) -> int:
    """How much time the spans cover from ``oldest`` on, for a progress bar."""
    total = 0
    for span in spans:
        end = now if span.end is None else span.end
        total += max(end - max(span.start or 0, oldest), 0)
    return total
