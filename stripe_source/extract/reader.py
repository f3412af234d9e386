"""Reads spans of a list in parallel, page by page, in the order in which answers come.

What follows on a page is asked for as soon as the page is there, whether somebody takes it or not.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import partial

from stripe_source.api.client import Client
from stripe_source.api.pages import Page, read_page
from stripe_source.catalog import Resource
from stripe_source.errors import NotFound, StripeUnavailable
from stripe_source.extract.fetch import Fetcher
from stripe_source.extract.spans import Span

NOTHING = read_page(b'{"object": "list", "data": [], "has_more": false}')
PARALLEL = 12  # requests of one list in flight: its limit of 25 a second at up to 480 ms each
UNTAKEN = PARALLEL  # pages that may wait to be taken


@dataclass(frozen=True)
class Read:
    """A page that was read of a span, and what of the list is then still to be read."""

    page: Page
    sent_at: float
    span: Span
    pending: tuple[Span, ...]


@dataclass(eq=False)
class Step:
    """A request for the first page of a span; ``rest`` are those for what the page leaves over."""

    span: Span
    page: Page = NOTHING
    sent_at: float = 0.0
    rest: list["Step"] = field(default_factory=list)


class ListReader:
    """Reads the spans of one list until they are done, or until it is told to stop.

    Where the list is only wanted down to a time, ``floor`` is that: nothing is asked for behind the
    first page that reaches below it. A step is ``open`` while its page has not been taken and the
    one that it goes on behind has.
    """

    def __init__(
        self,
        client: Client,
        resource: Resource,
        spans: Sequence[Span],
        params: Sequence[tuple[str, str]] = (),
        *,
        floor: int | None = None,
    ) -> None:
        self._client = client
        self._floor = floor
        self._fetcher = Fetcher(client, resource, params)
        self._open = dict.fromkeys(map(Step, spans))  # in order
        self._waiting = deque(self._open)
        self._flying: dict[Step, Future[tuple[Page, float]]] = {}
        self._landed: deque[Step] = deque()
        self._failure: BaseException | None = None
        self._stopped = False
        self._changed = threading.Condition(threading.RLock())

    def stop(self) -> None:
        """Ask for nothing more; what is under way still arrives."""
        with self._changed:
            self._stopped = True

    @property
    def pending(self) -> tuple[Span, ...]:
        """What is to be read behind the pages that were taken."""
        with self._changed:
            return tuple(step.span for step in self._open)

    def pages(self) -> Iterator[Read]:
        """The pages as they arrive. Raises what the client raises."""
        try:
            while (step := self._next()) is not None:
                yield Read(step.page, step.sent_at, step.span, self.pending)
        finally:
            self.stop()
            with self._changed:
                flying = list(self._flying.values())
            for future in flying:
                future.cancel()

    def _next(self) -> Step | None:
        """The next page that has arrived, None when there is nothing more to wait for."""
        with self._changed:
            self._take_off()
            while not self._landed and self._flying and self._failure is None:
                self._changed.wait()
            if self._landed:
                step = self._landed.popleft()
                del self._open[step]
                self._open |= dict.fromkeys(step.rest)
                self._take_off()
                return step
            if self._failure is not None:
                raise self._failure
            return None

    def _take_off(self) -> None:
        """Send the next requests, as long as there is room for their answers."""
        while (
            self._waiting
            and len(self._flying) < PARALLEL
            and len(self._landed) < UNTAKEN
            and not self._stopped
            and self._failure is None
        ):
            step = self._waiting.popleft()
            try:
                future = self._client.threads.submit(self._fetcher.page, step.span)
            except RuntimeError as closed:
                self._failure = StripeUnavailable("the connection to Stripe was closed")
                self._failure.__cause__ = closed
                return
            self._flying[step] = future
            future.add_done_callback(partial(self._land, step))

    def _land(self, step: Step, future: Future[tuple[Page, float]]) -> None:
        """Take in an answer, in whatever thread it came, and ask for what follows."""
        with self._changed:
            del self._flying[step]
            try:
                step.page, step.sent_at = future.result()
            except NotFound as gone:
                self._goes_on_without(step, gone)
            except (Exception, CancelledError) as failure:
                self._failure = self._failure or failure
            else:
                step.rest = self._rest(step)
                self._waiting.extend(step.rest)
                self._landed.append(step)
            self._take_off()
            self._changed.notify_all()

    def _rest(self, step: Step) -> list[Step]:
        """What follows on a page."""
        if self._floor is not None and (step.page.last_created or 0) < self._floor:
            return []
        crowded = len(self._flying) + len(self._waiting) >= PARALLEL
        rest = step.span.rest(step.page, self._client.clock.seen(), split=not crowded)
        return [Step(span) for span in rest]

    def _goes_on_without(self, step: Step, gone: NotFound) -> None:
        """The row that a span goes on behind was deleted, or what the list is of is gone."""
        if step.span.after is not None:
            step.span = step.span.without_cursor()
            self._waiting.appendleft(step)
        elif step.span.of is not None:
            step.sent_at = self._client.clock.stamp()
            self._landed.append(step)
        else:
            self._failure = self._failure or gone
