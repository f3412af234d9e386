"""Walks through lists: equal seconds, cursors that go, objects that come, and what is strict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator
from stripe_source.simulator.store.row import Prototype

from .conftest import Wire, sdk

WITHOUT_CREATED = (Path(__file__).parent / "data" / "lists_without_created.txt").read_text().split()
"""The lists that Stripe's documentation gives no ``created`` filter."""


def top_level(sim: Simulator) -> list[str]:
    """The lists whose path holds no parent."""
    return [path for path, each in sim.account.registry.resources.items() if not each.nested]


def imported(sim: Simulator, count: int, path: str = "/v1/customers") -> int:
    """So many customers of one second, as an import leaves them; the second."""
    now: int = sim.account.clock.now
    model: dict[str, Any] = dict(sim.account.objects(path)[0], email="bulk@x.y")
    model |= {"id": f"cus_{Prototype.TOKEN}", "created": Prototype.TIME}
    sim.account.bulk(path, model, count, now, now)
    return now


@pytest.mark.rule("2.1b", "2.1c", "2.3a")
def test_500_objects_of_one_second(own: Simulator, own_wire: Wire) -> None:
    """A walk through them gives each once, whatever the size of its pages, newest first."""
    second = imported(own, 520)
    expected = [f"cus_{n:012d}" for n in range(519, -1, -1)]
    for limit in (7, 100):
        rows = own_wire.all(f"/v1/customers?created={second}", limit=limit)
        assert [row["id"] for row in rows] == expected


@pytest.mark.rule("2.1b")
def test_ties_are_not_ordered_by_id(sim: Simulator, wire: Wire) -> None:
    """Objects of one second stand in the order of their making, which their ids don't show."""
    rows = wire.all("/v1/customers")
    seconds = [row["created"] for row in rows]
    most = max(set(seconds), key=seconds.count)
    tied = [row["id"] for row in rows if row["created"] == most]
    made = [row.id for row in sim.account.collection("/v1/customers").ordered]
    assert tied == [each for each in reversed(made) if each in set(tied)]
    assert tied not in (sorted(tied), sorted(tied, reverse=True))


@pytest.mark.rule("2.2c")
def test_the_form_of_a_page(wire: Wire) -> None:
    """Four keys, and has_more false on the last page, even a full or an empty one."""
    every = wire.ids("/v1/products?limit=100")
    for query, more in ((f"limit={len(every)}", False), (f"limit={len(every) - 1}", True),
                        ("created[lt]=1", False)):  # fmt: skip
        page = wire.get(f"/v1/products?{query}").json()
        assert set(page) == {"object", "data", "has_more", "url"}
        assert (page["object"], page["url"], page["has_more"]) == ("list", "/v1/products", more)


@pytest.mark.rule("2.3a", "2.3b")
def test_walks_both_ways_meet(sim: Simulator, wire: Wire) -> None:
    """Walking back with ending_before gives what walking forth with starting_after gave."""
    forth = [row["id"] for row in wire.all("/v1/charges", limit=6)]
    back: list[str] = []
    cursor = forth[-1]
    while True:
        page = wire.get(f"/v1/charges?limit=6&ending_before={cursor}").json()
        back = [row["id"] for row in page["data"]] + back
        if not page["has_more"]:
            break
        cursor = back[0]
    assert back == forth[:-1]
    assert forth == [charge["id"] for charge in sim.account.objects("/v1/charges")]


@pytest.mark.rule("2.4a", "2.4b", "2.4c")
def test_created_goes_with_a_cursor(sim: Simulator, wire: Wire) -> None:
    """A page after a cursor stays inside the range, and so does one before it."""
    rows = sim.account.objects("/v1/invoices")
    low, high = rows[60]["created"], rows[10]["created"]
    inside = [row["id"] for row in rows if low < row["created"] <= high]
    query = f"/v1/invoices?created[gt]={low}&created[lte]={high}&limit=100"
    assert wire.ids(f"{query}&starting_after={inside[20]}") == inside[21:]
    assert wire.ids(f"{query}&ending_before={inside[20]}") == inside[:20]
    assert wire.ids(f"{query}&starting_after={rows[0]['id']}") == inside
    exact = f"/v1/invoices?created={high}&limit=100"
    assert wire.ids(exact) == [row["id"] for row in rows if row["created"] == high]


@pytest.mark.rule("2.3c", "2.5b")
def test_a_deleted_cursor_breaks_the_walk(own: Simulator) -> None:
    """The SDK's walk ends with a 404 where the last customer of its page is deleted meanwhile."""
    client = sdk(own)
    walk = client.v1.customers.list({"limit": 3}).auto_paging_iter()
    last = [next(walk).id for _ in range(3)][-1]
    client.v1.customers.delete(last)
    with pytest.raises(stripe.InvalidRequestError, match=f"No such customer: '{last}'") as caught:
        next(walk)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert caught.value.param == "starting_after"


@pytest.mark.rule("2.5a")
def test_a_walk_while_others_write(own: Simulator) -> None:
    """Customers that come between two pages neither repeat nor hide any that were there."""
    client = sdk(own)
    before = [each["id"] for each in own.account.objects("/v1/customers")]
    walked = []
    for each in client.v1.customers.list({"limit": 2}).auto_paging_iter():
        walked.append(each.id)
        client.v1.customers.create({"name": "Between"})
    assert walked == before


@pytest.mark.rule("2.6")
def test_a_list_shows_a_write_at_once(own: Simulator) -> None:
    """What was created, changed or deleted stands so in the very next list."""
    client = sdk(own)
    made = client.v1.customers.create({"name": "A", "email": "at@once.now"})
    assert client.v1.customers.list({"limit": 1}).data[0].id == made.id
    client.v1.customers.update(made.id, {"name": "B", "email": "now@once.at"})
    assert client.v1.customers.list({"limit": 1}).data[0].name == "B"
    assert not client.v1.customers.list({"email": "at@once.now"}).data
    assert [c.id for c in client.v1.customers.list({"email": "now@once.at"}).data] == [made.id]
    client.v1.customers.delete(made.id)
    assert client.v1.customers.list({"limit": 1}).data[0].id != made.id


@pytest.mark.rule("2.7a", "2.7b")
def test_which_lists_take_created(sim: Simulator, wire: Wire) -> None:
    """Of the 97 lists 46 refuse created as unknown, and 19 ask for another parameter."""
    refusing, asking = [], []
    for path in top_level(sim):
        if wire.get(f"{path}?created=1").json().get("error", {}).get("code") == "parameter_unknown":
            refusing.append(path)
        if wire.get(path).json().get("error", {}).get("code") == "parameter_missing":
            asking.append(path)
    assert sorted(refusing) == sorted(WITHOUT_CREATED)
    assert (len(top_level(sim)), len(refusing), len(asking)) == (97, 46, 19)


@pytest.mark.rule("2.10")
def test_no_list_counts(wire: Wire) -> None:
    """total_count is not there, can't be expanded, and include is no parameter."""
    assert "total_count" not in wire.get("/v1/customers").json()
    for path in ("total_count", "data.total_count"):
        answer = wire.get(f"/v1/customers?expand[]={path}")
        assert answer.status == 400
        text = "This property cannot be expanded (total_count)."
        assert answer.json()["error"]["message"] == text
    error = wire.get("/v1/customers?include[]=total_count").json()["error"]
    assert error["code"] == "parameter_unknown"
