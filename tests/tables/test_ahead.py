"""Lists are read and made into tables ahead of whoever loads them, and not too far."""

import time
from collections.abc import Callable, Iterator

import pytest

from stripe_source.api.client import Client
from stripe_source.catalog import CATALOG
from stripe_source.errors import StripeUnavailable
from stripe_source.extract.reader import PARALLEL, UNTAKEN, ListReader, Read
from stripe_source.extract.spans import Span
from stripe_source.simulator import Simulator
from stripe_source.tables.ahead import Ahead, Made, Room, Tables
from stripe_source.tables.batch import Batch
from stripe_source.tables.layout import tables_of
from tests.conftest import Warehouse
from tests.extract.test_backfill import client

ROW = CATALOG["customers"]
OWN = tables_of(ROW)[0]
MANY = 6_000
MOST = 500


@pytest.fixture
def many(account: Simulator) -> Simulator:
    """An account with a long list."""
    for number in range(MANY):
        row = {"created": 1_780_000_000 + number * 7, "name": f"n{number}"}
        account.account.insert("/v1/customers", row, event=False)
    return account


@pytest.fixture
def asking(many: Simulator) -> Iterator[Client]:
    """A client of it, which hangs up in the end."""
    made = client(many)
    yield made
    made.close()


def tables(reads: list[Read]) -> Tables:
    """The customers of some pages."""
    pages = [read.page.body for read in reads]
    return {
        OWN.name: Batch(
            ROW, ["acct_1"] * len(pages), pages, [read.sent_at for read in reads]
        ).table(OWN)
    }


def ahead(asking: Client, room: Room | None = None, make: Callable[..., Tables] = tables) -> Ahead:
    """The list of customers, read ahead."""
    return Ahead(ListReader(asking, ROW, [Span(0)]), make, room or Room(), most=MOST)


def a_chunk() -> int:
    """How many rows a run still wants."""
    return MOST


def settled(simulator: Simulator) -> int:
    """The rows that the account has given away, once it gives away no more."""
    given = -1
    while given != simulator.stats.rows:
        given = simulator.stats.rows
        time.sleep(0.5)
    return given


def test_it_reads_on_while_nobody_takes_anything(many: Simulator, asking: Client) -> None:
    """What follows is read meanwhile, but no more of it than is bounded."""
    reading = ahead(asking)
    first = next(reading.batches(a_chunk))
    given = settled(many)
    assert given > 2 * first.rows
    assert given <= first.rows + 3 * MOST + (PARALLEL + UNTAKEN + 2) * 100
    reading.stop()


def test_what_is_ready_comes_as_one(
    many: Simulator, asking: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many rows as are wanted, and where that is none, what was made as one batch."""
    monkeypatch.setattr("stripe_source.tables.maker.PARSED_ROWS", MOST)
    monkeypatch.setattr("stripe_source.tables.ahead.BATCH_BYTES", 1)
    reading = Ahead(ListReader(asking, ROW, [Span(0)]), tables, Room(), most=4 * MOST)
    wanted = iter([4 * MOST, 0])
    batches = reading.batches(lambda: next(wanted, MOST))
    settled(many)
    assert reading.held_up
    reading.leave()
    assert not reading.held_up
    rows = [next(batches).rows for _ in range(2)]
    assert 2 * MOST < rows[0] <= 4 * MOST
    assert 0 < rows[1] < 2 * MOST
    reading.stop()


def test_what_is_left_completes_what_was_taken(many: Simulator, asking: Client) -> None:
    """The batches and what is left behind them are the whole list, wherever one stops."""
    reading, taken = ahead(asking), list[str]()
    for batch in reading.batches(a_chunk):
        taken += batch.tables[OWN.name]["id"].to_pylist()
        if len(taken) > MANY // 3:
            break
    reading.stop()
    rest = ListReader(asking, ROW, reading.left).pages()
    taken += [identifier for read in rest for identifier, _ in read.page.keys]
    assert sorted(taken) == sorted(row["id"] for row in many.account.objects("/v1/customers"))


@pytest.mark.parametrize("keys", [False, True])
def test_of_a_page_what_is_needed_is_kept(asking: Client, *, keys: bool) -> None:
    """What waits is tables, not pages: of these only what tells which rows were on them."""
    reader = ListReader(asking, ROW, [Span(0)])
    batch = next(Ahead(reader, tables, Room(), most=MOST, keys=keys).batches(a_chunk))
    told = [key for read in batch.reads for key in read.page.__dict__.get("keys", [])]
    assert not any(read.page.body for read in batch.reads)
    assert batch.rows == batch.tables[OWN.name].num_rows > 0
    assert [i for i, _ in told] == (batch.tables[OWN.name]["id"].to_pylist() if keys else [])


def test_room_is_given_back(many: Simulator, asking: Client) -> None:
    """One list that is stopped leaves the others the room that it took."""
    room = Room(limit=1)
    one, other = ahead(asking, room), ahead(asking, room)
    next(one.batches(a_chunk))
    settled(many)
    assert room.used > 1  # a batch of each may be ready, however little room there is
    one.stop()
    assert sum(batch.rows for batch in other.batches(a_chunk)) == len(
        many.account.collection(ROW.path)
    )
    assert room.used == 0


def test_what_was_read_before_a_failure_is_taken_first(many: Simulator, asking: Client) -> None:
    """A failure comes where the list breaks off, not before."""

    def failing(reads: list[Read]) -> Tables:
        if many.stats.rows > MANY // 2:
            raise StripeUnavailable("broken")
        return tables(reads)

    taken: list[Made] = []
    with pytest.raises(StripeUnavailable, match="broken"):
        taken.extend(ahead(asking, make=failing).batches(a_chunk))
    assert taken


def test_whoever_waits_hears_that_it_was_stopped(asking: Client) -> None:
    """A list that is stopped before its end does not look like one that has come to it."""
    reading = ahead(asking)
    batches = reading.batches(a_chunk)
    next(batches)
    reading.stop()
    with pytest.raises(StripeUnavailable, match="closed"):
        list(batches)


def test_runs_of_a_sync_go_on_with_what_was_read_ahead(
    many: Simulator, warehouse: Warehouse
) -> None:
    """No page is asked for twice, however many runs a sync takes."""
    result = warehouse.sync(many, "customers", chunk_rows=MOST)
    assert len(result.runs) > 5
    read = many.stats.rows - len(many.account.collection("/v1/events"))
    assert read <= len(many.account.collection(ROW.path)) + 1  # and the account
