"""Changed objects are read again in as few requests as it takes."""

from collections.abc import Sequence

import pytest

from stripe_source.catalog import CATALOG
from stripe_source.connect import client_for
from stripe_source.extract.feed import Change
from stripe_source.extract.refetch import Refetcher
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import FAST

SECOND = 1_700_000_000


@pytest.fixture
def empty() -> Simulator:
    """An account without a business, to be filled by hand."""
    with Simulator(SimulatorConfig(customers=0, fixtures=0)) as simulator:
        yield simulator


def made(simulator: Simulator, number: int, apart: float) -> list[Change]:
    """Customers that were created so many seconds apart."""
    made = [
        simulator.account.insert("/v1/customers", {"created": SECOND + int(n * apart)})
        for n in range(number)
    ]
    return [Change(row["id"], row["created"]) for row in made]


def requests_for(simulator: Simulator, wanted: Sequence[Change]) -> int:
    """How many requests it takes; checks that each object was settled once, and came."""
    client = client_for(simulator.api_key, api_base=simulator.url, **FAST)
    simulator.stats.reset()
    settled: list[str] = []
    came: set[str] = set()
    for result in Refetcher(client, CATALOG["customers"], wanted).results():
        settled += [change.id for change in result.settled]
        if result.page is not None:
            came |= {identifier for identifier, _ in result.page.keys}
    assert sorted(settled) == sorted(change.id for change in wanted)
    assert {change.id for change in wanted} <= came
    return simulator.stats.requests


def fewest(everything: Sequence[Change], wanted: Sequence[Change]) -> int:
    """The least number of pages of a hundred neighbours that hold all wanted ones."""
    places = {change.id: place for place, change in enumerate(everything)}
    pages, end = 0, -1
    for place in sorted(places[change.id] for change in wanted):
        if place >= end:
            pages, end = pages + 1, place + 100
    return pages


def test_neighbours_are_read_together(empty: Simulator) -> None:
    """Ten thousand objects of one billing run take little more than their hundred pages."""
    everything = made(empty, 10_000, 0.5)
    requests = requests_for(empty, everything)
    assert fewest(everything, everything) == 100 <= requests <= 120


def test_scattered_ones_are_read_one_by_one(empty: Simulator) -> None:
    """Ten objects far from each other take ten requests."""
    everything = made(empty, 2_000, 3_600)
    assert requests_for(empty, everything[::200]) == 10


@pytest.mark.parametrize(("clusters", "size"), [(10, 100), (20, 30), (3, 400), (100, 4)])
def test_clusters_are_near_the_least(empty: Simulator, clusters: int, size: int) -> None:
    """Groups of neighbours take at most a fifth more requests than they must."""
    everything = made(empty, 12_000, 60)
    apart = len(everything) // clusters
    wanted = [c for n in range(clusters) for c in everything[n * apart : n * apart + size]]
    assert requests_for(empty, wanted) <= fewest(everything, wanted) * 1.2 + 2


def test_one_second_with_more_than_a_page(empty: Simulator) -> None:
    """Five hundred objects of one second are read page behind page."""
    everything = made(empty, 500, 0)
    assert requests_for(empty, everything) <= 6


def test_what_is_gone_is_told(empty: Simulator) -> None:
    """An object that neither the list nor its id leads to is gone; the others come."""
    everything = made(empty, 300, 10)
    lost = everything[::50]
    for change in lost:
        empty.account.delete("/v1/customers", change.id)
    client = client_for(empty.api_key, api_base=empty.url, **FAST)
    results = list(Refetcher(client, CATALOG["customers"], everything).results())
    gone = [change.id for result in results for change in result.gone]
    assert sorted(gone) == sorted(change.id for change in lost)
    assert sum(len(result.settled) for result in results) == 300


def test_the_row_under_the_cursor_is_deleted(empty: Simulator) -> None:
    """A second that is read page behind page loses nothing when the row in between goes."""
    everything = made(empty, 500, 0)
    client = client_for(empty.api_key, api_base=empty.url, **FAST)
    settled: list[str] = []
    for number, result in enumerate(Refetcher(client, CATALOG["customers"], everything).results()):
        settled += [change.id for change in result.settled]
        if number < 3 and result.page is not None:
            assert result.page.last_id is not None
            empty.account.delete("/v1/customers", result.page.last_id)
    assert sorted(settled) == sorted(change.id for change in everything)


def test_what_the_list_leaves_out_is_read_by_its_id(empty: Simulator) -> None:
    """Objects that are there and in no list, as those of test clocks, come all the same."""
    clock = empty.account.insert(
        "/v1/test_helpers/test_clocks", {"created": SECOND, "frozen_time": SECOND}
    )["id"]
    rows = [{"created": SECOND + n * 900, "test_clock": clock} for n in range(3)]
    hidden = [empty.account.insert("/v1/customers", row) for row in rows]
    wanted = [*made(empty, 250, 10), *(Change(row["id"], row["created"]) for row in hidden)]
    requests_for(empty, wanted)
    assert empty.stats.by_path["/v1/customers/{id}"] == len(hidden)


def test_stopping_leaves_the_rest(empty: Simulator) -> None:
    """After a stop what is under way arrives, and nothing more is asked for."""
    everything = made(empty, 3_000, 10)
    client = client_for(empty.api_key, api_base=empty.url, **FAST)
    refetcher = Refetcher(client, CATALOG["customers"], everything)
    settled = 0
    for result in refetcher.results():
        settled += len(result.settled)
        refetcher.stop()
    assert 0 < settled < 3_000
