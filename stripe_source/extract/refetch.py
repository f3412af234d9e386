"""Reads changed objects as they are now, in as few requests as it takes.

A page of the list holds a hundred neighbours by ``created``, so that objects which were made
together are read together; the others are read by id. Since a page is only asked for from a wanted
object on, it never costs more requests than reading by id.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from stripe_source.api.client import Client
from stripe_source.api.pages import Page
from stripe_source.catalog import Resource
from stripe_source.errors import AccessError, NotFound, PermissionDenied, StripeSourceError
from stripe_source.extract.feed import Change
from stripe_source.extract.fetch import Fetcher
from stripe_source.extract.reader import PARALLEL
from stripe_source.extract.spans import Span

FEW = 5  # objects that are read by id without a look at how close together they are
PATIENCE = 5  # objects that Stripe may refuse one by one
PAGES_A_WALK = 8  # a walk of its own costs up to one page more: not for fewer pages than this


@dataclass(frozen=True)
class Refetched:
    """What one request told: a page, the changes that are settled by it, and which are gone.

    ``refused`` is why Stripe does not give an object, which then stays unsettled.
    """

    page: Page | None
    sent_at: float
    settled: tuple[Change, ...]
    gone: tuple[Change, ...] = ()
    refused: StripeSourceError | None = None


class Refetcher:
    """Reads objects until all of them are settled, or until it is told to stop."""

    def __init__(self, client: Client, resource: Resource, wanted: Sequence[Change]) -> None:
        self._client = client
        self._fetcher = Fetcher(client, resource)
        listed = resource.cursor is not None
        dated = [c for c in wanted if c.created is not None] if listed else []
        dated.sort(key=lambda c: (-(c.created or 0), c.id))
        by_id = [c for c in wanted if c.created is None or not listed]
        self._walks = [Walk(deque(dated), deque(by_id), look=len(dated) >= FEW)]
        self._flying: dict[Future[Refetched], Walk] = {}
        self._stopped = False
        self._refusals = 0

    def stop(self) -> None:
        """Ask for nothing more; what is under way still arrives."""
        self._stopped = True

    def results(self) -> Iterator[Refetched]:
        """The answers as they arrive. Raises what the client raises."""
        try:
            while self._take_off():
                done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
                for future in done:
                    walk, result = self._flying.pop(future), future.result()
                    if result.refused is not None:
                        self._refusals += 1
                    if result.refused is not None and self._refusals > PATIENCE:
                        raise result.refused  # it is not about single objects
                    yield result
                    self._walks.append(walk)
        finally:
            for future in self._flying:
                future.cancel()

    def _take_off(self) -> bool:
        """Give every idle walk its next request, and split one while there is room for more."""
        if self._stopped:
            return bool(self._flying)
        idle, self._walks = deque(self._walks), []
        while idle:
            walk = idle.popleft()
            if not walk.has_more:
                continue
            room = PARALLEL - len(self._flying) - len(idle) - 1
            idle.extend(walk.split(room))
            self._flying[self._client.threads.submit(walk.step, self._fetcher)] = walk
        return bool(self._flying)


@dataclass
class Walk:
    """Some of the wanted objects, newest first, read one request after another.

    ``rows_wanted`` of the last page were wanted ones, and it reached over ``reach`` seconds: None
    before the first, which is a look at how close together they are.
    """

    dated: deque[Change]
    by_id: deque[Change]
    look: bool
    reach: int | None = None
    rows_wanted: int = 1
    after: str | None = None

    @property
    def has_more(self) -> bool:
        """Whether anything is still to be read."""
        return bool(self.dated or self.by_id)

    def split(self, most: int) -> list["Walk"]:
        """Give parts of this walk to up to ``most`` others, if they are worth it."""
        if self.look and self.reach is None:
            return []
        others: list[Walk] = []
        scattered = not self.look or self.rows_wanted <= 1
        pages = len(self.dated) / max(self.rows_wanted, 1) / (1 if scattered else PAGES_A_WALK)
        parts = min(int(pages), most)
        if parts > 0 and self.after is None:
            size = -(-len(self.dated) // (parts + 1))
            while len(self.dated) > size:
                part = [self.dated.pop() for _ in range(min(size, len(self.dated) - size))]
                others.append(
                    Walk(deque(reversed(part)), deque(), self.look, self.reach, self.rows_wanted)
                )
        for _ in range(min(most - len(others), len(self.by_id) - 1)):
            others.append(Walk(deque(), deque([self.by_id.pop()]), look=False))
        return others

    def step(self, fetcher: Fetcher) -> Refetched:
        """The next request."""
        if not self.dated:
            return self._one(fetcher, self.by_id.popleft())
        if not self._page_pays():
            return self._one(fetcher, self.dated.popleft())
        return self._page(fetcher)

    def _page_pays(self) -> bool:
        """Whether the next page is likely to hold more than the next object."""
        if self.after is not None or (self.look and self.reach is None):
            return True
        if self.reach is None or len(self.dated) < 2:
            return False
        return _created(self.dated[0]) - _created(self.dated[1]) <= self.reach

    def _one(self, fetcher: Fetcher, change: Change) -> Refetched:
        try:
            page, sent_at = fetcher.one(change.id)
        except StripeSourceError as refusal:
            if isinstance(refusal, AccessError) and not isinstance(refusal, PermissionDenied):
                raise  # of the key, and so of every object
            return Refetched(None, fetcher.client.clock.stamp(), (), refused=refusal)
        if page is None:
            return Refetched(None, sent_at, (change,), (change,))
        return Refetched(page, sent_at, (change,))

    def _page(self, fetcher: Fetcher) -> Refetched:
        newest, oldest = _created(self.dated[0]), _created(self.dated[-1])
        span = Span(oldest, newest + 1, self.after)
        try:
            page, sent_at = fetcher.page(span, {change.id for change in self.dated})
        except NotFound:
            if self.after is None:
                raise
            self.after = None  # the row we stood on was deleted: its second is read again
            return self._page(fetcher)
        found = {identifier for identifier, _ in page.keys}
        cut = page.last_created if page.has_more and page.last_created is not None else oldest - 1
        covered: list[Change] = []
        while self.dated and _created(self.dated[0]) >= cut:
            covered.append(self.dated.popleft())
        settled = tuple(change for change in covered if change.id in found)
        rest = [change for change in covered if change.id not in found]
        # What the page had to hold and does not is left out of the list, or gone.
        self.by_id.extend(change for change in rest if _created(change) > cut)
        self.dated.extendleft(change for change in reversed(rest) if _created(change) == cut)
        self.reach, self.rows_wanted = newest - cut, max(len(settled), 1)
        cut_second = bool(self.dated) and _created(self.dated[0]) == cut
        self.after = page.last_id if cut_second else None
        return Refetched(page, sent_at, settled)


def _created(change: Change) -> int:
    return change.created or 0
