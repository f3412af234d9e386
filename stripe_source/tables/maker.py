"""Makes tables of pages, of all lists in one thread: it takes ten times the memory of what is made.

What waits of one kind is made together, whatever account it is of: a query over all columns takes
up to 50 ms to plan, whatever it reads.
"""

import threading
from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from stripe_source.api.pages import Page
from stripe_source.catalog import Resource
from stripe_source.extract.spans import Bounds
from stripe_source.tables.batch import Batch
from stripe_source.tables.erased import Erased
from stripe_source.tables.layout import ACCOUNT, tables_of
from stripe_source.tables.masks import Masks
from stripe_source.tables.oddities import Oddities

Tables = dict[str, pa.Table]
Answer = tuple[Page, float]
"""A page, and when it was asked for by Stripe's clock."""

PARSED_ROWS = 20_000  # what is made at once
PARSED_BYTES = 8_000_000


@dataclass(frozen=True)
class Recipe:
    """How the pages of a resource become tables (as `Batch`)."""

    resource: Resource
    bounds: Bounds
    test_clocks: bool
    oddities: Oddities
    erased: Erased
    masks: Masks

    @property
    def kind(self) -> Hashable:
        """What is the same of pages that can be made together."""
        return self.resource.name, self.bounds, self.test_clocks

    def tables(self, accounts: Sequence[str], answers: Sequence[Answer]) -> Tables:
        """The tables of some pages, with the account of each page. Raises StripeUnavailable."""
        batch = Batch(
            resource=self.resource,
            accounts=accounts,
            pages=[page.body for page, _ in answers],
            sent_at=[sent_at for _, sent_at in answers],
            bounds=self.bounds,
            test_clocks=self.test_clocks,
            oddities=self.oddities,
            erased=self.erased,
            masks=self.masks,
        )
        return {table.name: batch.table(table) for table in tables_of(self.resource)}


@dataclass(frozen=True, eq=False)
class Job:
    """Pages of an account that are to be made into tables."""

    recipe: Recipe
    account: str
    answers: Sequence[Answer]
    made: "Future[Tables]" = field(default_factory=Future)


class Maker:
    """One thread that makes tables for all."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="maker")
        self._jobs: deque[Job] = deque()
        self._lock = threading.Lock()

    def make(self, recipe: Recipe, account: str, answers: Sequence[Answer]) -> Tables:
        """The tables of an account's pages, when they are made. Raises StripeUnavailable."""
        job = Job(recipe, account, answers)
        with self._lock:
            self._jobs.append(job)
        self._thread.submit(self._work)
        return job.made.result()

    def stop(self) -> None:
        """Make nothing more."""
        self._thread.shutdown(wait=False)

    def _work(self) -> None:
        jobs = self._next()
        if not jobs:
            return  # they were made with others
        try:
            made: list[Tables | BaseException] = [*_together(jobs)]
        except BaseException as failure:
            made = [failure] if len(jobs) == 1 else list(map(_alone, jobs))
        for job, tables in zip(jobs, made, strict=True):
            if isinstance(tables, BaseException):
                job.made.set_exception(tables)
            else:
                job.made.set_result(tables)

    def _next(self) -> list[Job]:
        """The first job that waits, and more of its kind, of other accounts, up to a batch."""
        with self._lock:
            taken: dict[str, Job] = {}
            left: deque[Job] = deque()
            for job in self._jobs:
                first = next(iter(taken.values()), job)
                fits = job.account not in taken and job.recipe.kind == first.recipe.kind
                if fits and not is_batch(
                    page for each in taken.values() for page, _ in each.answers
                ):
                    taken[job.account] = job
                else:
                    left.append(job)
            self._jobs = left
            return list(taken.values())


def _together(jobs: Sequence[Job]) -> list[Tables]:
    """The tables of each, made by one query for each table."""
    accounts = [job.account for job in jobs for _ in job.answers]
    answers = [answer for job in jobs for answer in job.answers]
    tables = jobs[0].recipe.tables(accounts, answers)
    if len(jobs) == 1:
        return [tables]
    return [{name: _of(rows, job.account) for name, rows in tables.items()} for job in jobs]


def _alone(job: Job) -> Tables | BaseException:
    """The tables of one of whose others a page is broken, or its own."""
    try:
        return job.recipe.tables([job.account] * len(job.answers), job.answers)
    except BaseException as failure:  # whoever waits for it is to get it
        return failure


def _of(rows: pa.Table, account: str) -> pa.Table:
    return rows.filter(pc.equal(rows[ACCOUNT], account))


def joined(parts: Iterable[Tables]) -> Tables:
    """Tables of the same names as one each."""
    found: dict[str, list[pa.Table]] = {}
    for tables in parts:
        for name, rows in tables.items():
            found.setdefault(name, []).append(rows)
    return {name: pa.concat_tables(rows) for name, rows in found.items()}


def is_batch(pages: Iterable[Page], most: int = PARSED_ROWS) -> bool:
    """Whether so many pages are enough to be turned into tables."""
    rows = size = 0
    for page in pages:
        rows += page.weight
        size += len(page.body)
    return is_enough(rows, size, most)


def is_enough(rows: int, size: int, most: int = PARSED_ROWS) -> bool:
    """The same by their rows and bytes."""
    return rows >= min(most, PARSED_ROWS) or size >= PARSED_BYTES
