"""Events: what is in one, how they are listed, and how they depart from a neat history."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator

from .conftest import Wire, sdk

PATH = "/v1/events"
KEYS = {"id", "object", "account", "api_version", "context", "created", "data", "livemode",
        "pending_webhooks", "request", "type"}  # fmt: skip


@pytest.mark.rule("4.1b", "4.1d")
def test_what_an_event_holds(sim: Simulator, wire: Wire) -> None:
    """Each has the same keys; previous_attributes come with updates and with nothing else."""
    events = wire.all(PATH)
    assert len(events) > 100
    for event in events:
        assert set(event) == KEYS
        assert (event["object"], event["pending_webhooks"]) == ("event", 0)
        assert event["api_version"] == sim.config.api_version
        assert event["livemode"] is False
        assert event["account"] is None
        told = "previous_attributes" in event["data"]
        assert told == event["type"].endswith(".updated"), event["type"]
        assert set(event["data"]) - {"previous_attributes"} == {"object"}


@pytest.mark.rule("4.1a", "4.1d", "4.1e")
def test_one_request_leaves_its_events_in_order(own: Simulator) -> None:
    """Each write is followed by its events, older first, and they name the request."""
    client = sdk(own)
    sub = client.v1.subscriptions.list({"status": "active"}).data[0]
    before = client.v1.events.list({"limit": 1}).data[0].id
    answer = client.raw_request("delete", f"/v1/customers/{sub.customer}")
    client.v1.customers.create({"name": "After"})
    events = client.v1.events.list({"ending_before": before, "limit": 100}).data[::-1]
    kinds = [event.type for event in events]
    assert kinds[-2:] == ["customer.deleted", "customer.created"]
    assert "customer.subscription.deleted" in kinds[:-2]
    request = answer.headers["Request-Id"]
    assert {e.request.id for e in events[:-1] if e.request} == {request}
    assert events[-1].request
    assert events[-1].request.id != request


@pytest.mark.rule("4.2a", "4.3b")
def test_events_of_one_second(own: Simulator, own_wire: Wire) -> None:
    """Many events share a second; the walk through them gives each once, newest first."""
    client, now = sdk(own), own.account.clock.now
    made = [client.v1.customers.create({"name": str(n)}).id for n in range(25)]
    events = own_wire.all(f"{PATH}?created[gte]={now}&type=customer.created", limit=4)
    assert [event["data"]["object"]["id"] for event in events] == made[::-1]
    assert {event["created"] for event in events} == {now}
    middle = events[10]["id"]
    newer = own_wire.ids(f"{PATH}?type=customer.created&limit=10&ending_before={middle}")
    assert newer == [event["id"] for event in events[:10]]


@pytest.mark.rule("4.2b")
def test_types(own_wire: Wire) -> None:
    """20 types at once are taken, 21 refused; the SDK's indexed style is a list too."""
    own_wire.post("/v1/customers", {"name": "A"})
    kinds = [f"x.{n}" for n in range(19)] + ["customer.created"]
    query = "&".join(f"types[{n}]={kind}" for n, kind in enumerate(kinds))
    found = own_wire.get(f"{PATH}?{query}&limit=100").json()["data"]
    assert {event["type"] for event in found} == {"customer.created"}
    answer = own_wire.get(f"{PATH}?{query}&types[20]=y")
    assert (answer.status, answer.json()["error"]["param"]) == (400, "types")
    for wild in ("*", "customer.subscription.*"):
        found = own_wire.get(f"{PATH}?type={wild}&limit=100").json()["data"]
        assert found
        assert all(event["type"].startswith(wild.rstrip("*")) for event in found)


@pytest.mark.rule("4.2c")
def test_delivery_success(own_wire: Wire) -> None:
    """No event waits for a webhook: all of them were delivered, none was not."""
    every = own_wire.all(PATH)
    assert own_wire.all(f"{PATH}?delivery_success=true") == every
    assert own_wire.all(f"{PATH}?delivery_success=false") == []


@pytest.mark.rule("4.2d", "4.2e")
def test_an_event_that_is_gone(own: Simulator) -> None:
    """After 30 days it can be read neither in the list nor by its id, nor be a cursor."""
    client = sdk(own)
    client.v1.customers.create({"name": "A"})
    event = client.v1.events.list({"limit": 1}).data[0].id
    own.account.advance(30 * 86400)
    assert client.v1.events.retrieve(event).id == event
    for days in (0, 2):
        own.account.advance(days * 86400 + 1)
        with pytest.raises(stripe.InvalidRequestError, match="No such event") as caught:
            client.v1.events.retrieve(event)
        assert caught.value.http_status == 404
        for cursor in ("starting_after", "ending_before"):
            with pytest.raises(stripe.InvalidRequestError, match="aged out of our retention"):
                client.v1.events.list({cursor: event})  # type: ignore[misc]
        assert event not in {e.id for e in client.v1.events.list().auto_paging_iter()}


@pytest.mark.rule("4.3a")
def test_late_events_appear_out_of_order(own: Simulator, own_wire: Wire) -> None:
    """An event shows up to a minute late, so that an older one appears after a newer one."""
    own.config.events.lag = (0, 60)
    start, seen = own.account.clock.now, {}
    for second in range(120):
        if second < 60:
            own_wire.post("/v1/customers", {"name": str(second)})
        for event in own_wire.all(f"{PATH}?created[gte]={start}&type=customer.created"):
            seen.setdefault(event["id"], (second, event["created"] - start))
        own.account.advance(1)
    assert len(seen) == 60
    late = [shown - created for shown, created in seen.values()]
    assert 0 <= min(late) < 5
    assert 50 < max(late) <= 60
    order = [created for _, created in sorted(seen.values(), key=lambda each: each[0])]
    assert order != sorted(order)


@pytest.mark.rule("4.3a", "4.2d")
def test_a_late_event_is_not_there_at_all(own: Simulator, own_wire: Wire) -> None:
    """Until it shows up, an event can't be read by its id either."""
    own.config.events.lag = (10, 10)
    own_wire.post("/v1/customers", {"name": "A"})
    event = own.account.objects(PATH)[0]["id"]
    own.account.advance(9)
    assert own_wire.get(f"{PATH}/{event}").status == 404
    own.account.advance(1)
    assert own_wire.get(f"{PATH}/{event}").status == 200


@pytest.mark.rule("4.3c")
def test_duplicates(own: Simulator) -> None:
    """One change leaves two events that differ in their id alone."""
    own.config.events.duplicates = 1.0
    client = sdk(own)
    client.v1.customers.create({"name": "A"})
    one, two = (event.to_dict() for event in client.v1.events.list({"limit": 2}).data)
    assert one.pop("id") != two.pop("id")
    assert one == two


@pytest.mark.rule("4.3d")
def test_stale_snapshots(own: Simulator) -> None:
    """An event's object is from just before the change of which it tells."""
    client = sdk(own)
    made = client.v1.customers.create({"name": "Old", "metadata": {"k": "1"}})
    own.config.events.stale = 1.0
    client.v1.customers.update(made.id, {"name": "New", "metadata": {"k": "2"}})
    event = client.v1.events.list({"limit": 1}).data[0]
    assert (event.type, event.data.object["name"]) == ("customer.updated", "Old")
    assert event.data.object["metadata"].to_dict() == {"k": "1"}
    assert client.v1.customers.retrieve(made.id).name == "New"


@pytest.mark.rule("4.3d")
def test_events_do_not_change_with_their_object(own: Simulator) -> None:
    """A later change leaves what an event told as it was."""
    client = sdk(own)
    made = client.v1.customers.create({"name": "Old"})
    event = client.v1.events.list({"limit": 1}).data[0]
    client.v1.customers.update(made.id, {"name": "New"})
    assert client.v1.events.retrieve(event.id) == event


@pytest.mark.rule("4.4a")
def test_snapshots_are_cut_at_ten(own: Simulator) -> None:
    """An event of a long invoice or a wide subscription shows ten rows, and that there are more."""
    client = sdk(own)
    for path, field, kind in (
        ("/v1/invoices", "lines", "invoice.updated"),
        ("/v1/subscriptions", "items", "customer.subscription.updated"),
    ):
        stored = max(own.account.objects(path), key=lambda each: len(each[field]["data"]))
        client.raw_request("post", f"{path}/{stored['id']}", metadata={"k": "v"})
        event = client.v1.events.list({"limit": 1, "type": kind}).data[0]
        shown = event.data.object
        assert (shown["id"], len(shown[field]["data"])) == (stored["id"], 10)
        assert shown[field]["has_more"] is True
        assert len(stored[field]["data"]) >= 20


@pytest.mark.rule("4.4b")
def test_the_last_state_of_what_was_deleted(own: Simulator) -> None:
    """A deleted event carries the whole object, not the stub."""
    client = sdk(own)
    for service, given in (
        (client.v1.customers, {"name": "A"}),
        (client.v1.coupons, {"percent_off": 5}),
        (client.v1.products, {"name": "P"}),
    ):
        made: Any = service.create(given)  # type: ignore[attr-defined]
        service.delete(made.id)  # type: ignore[attr-defined]
        event = client.v1.events.list({"limit": 1}).data[0]
        assert event.type == f"{made.object}.deleted"
        assert event.data.object.to_dict() == made.to_dict()


def events_of(sim: Simulator) -> list[str]:
    """The ids of all events."""
    return [event["id"] for event in sim.account.objects(PATH)]


@pytest.mark.rule("4.4c")
@pytest.mark.parametrize("path", [
    "/v1/balance_transactions", "/v1/setup_attempts", "/v1/file_links", "/v1/invoice_payments",
    "/v1/webhook_endpoints", "/v1/apple_pay/domains",
])  # fmt: skip
def test_objects_without_events(own: Simulator, path: str) -> None:
    """Nothing tells of these: neither that one came nor that it changed or went."""
    before = events_of(own)
    copy = dict(own.account.objects(path)[0], id="x_1")
    own.account.insert(path, copy)
    own.account.update(path, "x_1", {"created": 5})
    own.account.delete(path, "x_1")
    told = len(events_of(own)) - len(before)
    assert told == 0


@pytest.mark.rule("4.4c")
def test_changes_without_events(own: Simulator) -> None:
    """An invoice item's update, an entry's text, a payment method nobody has: nothing tells."""
    client = sdk(own)
    customer = client.v1.customers.create({"name": "A"}).id
    item = client.v1.invoice_items.create({"customer": customer, "amount": 1, "currency": "usd"})
    entry = client.v1.customers.balance_transactions.create(
        customer, {"amount": -5, "currency": "usd"}
    )
    before = events_of(own)
    client.v1.invoice_items.update(item.id, {"description": "edited"})
    client.v1.customers.balance_transactions.update(customer, entry.id, {"description": "edited"})
    card: Any = {"type": "card", "card": {"token": "tok_visa"}}
    client.v1.payment_methods.create(card)
    assert client.v1.invoice_items.retrieve(item.id).description == "edited"
    assert events_of(own) == before


@pytest.mark.rule("4.4c")
def test_items_are_told_of_by_their_subscription(own: Simulator) -> None:
    """A subscription item has no events of its own; the subscription's carries it."""
    client = sdk(own)
    sub = client.v1.subscriptions.list({"status": "active", "limit": 100}).data[0]
    item = sub["items"].data[0]
    before = len(events_of(own))
    client.v1.subscription_items.update(item.id, {"metadata": {"k": "v"}})
    new = own.account.objects(PATH)[: len(events_of(own)) - before]
    assert {event["type"] for event in new} == {"customer.subscription.updated"}
    every = {event["type"] for event in own.account.objects(PATH)}
    assert not {kind for kind in every if "item" in kind and not kind.startswith("invoiceitem")}
