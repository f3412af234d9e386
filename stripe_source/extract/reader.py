"""Reads spans of a list in parallel, page by page, in the order in which answers come."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from stripe_source.api.client import Client
from stripe_source.api.pages import Page, read_page
from stripe_source.catalog import Resource
from stripe_source.errors import NotFound
from stripe_source.extract.fetch import Fetcher
from stripe_source.extract.spans import Span

NOTHING = read_page(b'{"object": "list", "data": [], "has_more": false}')
PARALLEL = 12  # requests of one list in flight: its limit of 25 a second at up to 480 ms each


@dataclass(frozen=True)
class Read:
    """A page that was read of a span, and what of the list is then still to be read."""

    page: Page
    sent_at: float
    span: Span
    pending: tuple[Span, ...]


class ListReader:
    """Reads the spans of one list until they are done, or until it is told to stop."""

    def __init__(
        self,
        client: Client,
        resource: Resource,
        spans: Sequence[Span],
        params: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._client = client
        self._fetcher = Fetcher(client, resource, params)
        self._waiting = deque(spans)
        self._flying: dict[Future[tuple[Page, float]], Span] = {}
        self._stopped = False

    def stop(self) -> None:
        """Ask for nothing more; what is under way still arrives."""
        self._stopped = True

    def pages(self) -> Iterator[Read]:
        """The pages as they arrive. Raises what the client raises."""
        try:
            while self._take_off():
                done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._land(future)
        finally:
            for future in self._flying:
                future.cancel()

    def _take_off(self) -> bool:
        """Send the next requests; False when there is nothing more to wait for."""
        while self._waiting and len(self._flying) < PARALLEL and not self._stopped:
            span = self._waiting.popleft()
            self._flying[self._client.threads.submit(self._fetcher.page, span)] = span
        return bool(self._flying)

    def _land(self, future: Future[tuple[Page, float]]) -> Iterator[Read]:
        span = self._flying.pop(future)
        try:
            page, sent_at = future.result()
        except NotFound:
            if span.after is not None:
                self._waiting.appendleft(span.without_cursor())  # the row we stood on was deleted
                return
            if span.of is None:
                raise
            page, sent_at = NOTHING, self._client.clock.stamp()  # what it is of is gone
        crowded = len(self._flying) + len(self._waiting) >= PARALLEL
        self._waiting.extend(span.rest(page, self._client.clock.seen(), split=not crowded))
        yield Read(page, sent_at, span, (*self._waiting, *self._flying.values()))
