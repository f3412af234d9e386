"""Reads spans of a list in parallel, page by page, in the order in which answers come."""

import logging
import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial

from stripe_source.api.client import Client
from stripe_source.api.pages import Page, read_page
from stripe_source.catalog import Resource
from stripe_source.errors import NotFound, StripeSourceError
from stripe_source.extract.nested import complete
from stripe_source.extract.spans import Span

log = logging.getLogger("stripe_source")

CANNOT_EXPAND = re.compile(r"cannot be expanded \(([\w.]+)\)")
PARALLEL = 12  # requests of one list in flight: its limit of 25 a second at up to 480 ms each


@dataclass(frozen=True)
class Read:
    """A page that was read, and what of the list is then still to be read."""

    page: Page
    sent_at: float
    pending: tuple[Span, ...]


class ListReader:
    """Reads the spans of one list until they are done, or until it is told to stop."""

    def __init__(self, client: Client, resource: Resource, spans: Sequence[Span]) -> None:
        self._client = client
        self._resource = resource
        self._waiting = deque(spans)
        self._flying: dict[Future[tuple[Page, float]], Span] = {}
        self._refused: set[tuple[str, str]] = set()
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
            self._flying[self._client.threads.submit(self._fetch, span)] = span
        return bool(self._flying)

    def _land(self, future: Future[tuple[Page, float]]) -> Iterator[Read]:
        span = self._flying.pop(future)
        try:
            page, sent_at = future.result()
        except NotFound:
            if span.after is None:
                raise
            self._waiting.appendleft(span.without_cursor())  # the row we stood on was deleted
            return
        crowded = len(self._flying) + len(self._waiting) >= PARALLEL
        self._waiting.extend(span.rest(page, self._client.clock.seen(), split=not crowded))
        yield Read(page, sent_at, (*self._waiting, *self._flying.values()))

    def _fetch(self, span: Span) -> tuple[Page, float]:
        resource = self._resource
        read = partial(read_page, created_field=resource.created_field)
        query = [*resource.query(), *span.query()]
        asked = [pair for pair in query if pair not in self._refused]
        try:
            page, sent_at = self._client.get(resource.path, asked, read)
        except StripeSourceError as refusal:
            if not self._refuses_expand(str(refusal), asked):
                raise
            return self._fetch(span)
        if page.incomplete:
            page = complete(self._client, resource, page)
        return page, sent_at

    def _refuses_expand(self, message: str, asked: list[tuple[str, str]]) -> bool:
        """Whether Stripe refuses one of the expands; the list is then read without it.

        An expand adds to a resource, so that one which an account may not use must not cost it.
        """
        found = CANNOT_EXPAND.search(message)
        if found is None:
            return False
        path = "data." + found.group(1).removeprefix("data.")
        expand = ("expand[]", path)
        if expand not in asked:
            return False
        log.warning("%s is read without %s: %s", self._resource.name, path, message)
        self._refused.add(expand)
        return True
