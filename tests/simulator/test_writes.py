"""Writes through the SDK, their events, and what the account itself can do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.config import DEFAULT_NOW
from stripe_source.simulator.store.row import Prototype

from .conftest import Wire, sdk

ROOT = Path(__file__).parents[2]


@pytest.mark.rule("3.1d", "3.3a", "3.3d", "4.1a", "4.1d")
def test_customer_life(own: Simulator) -> None:
    """Create, update and delete leave one event each, and the stub that Stripe leaves."""
    client = sdk(own)
    made = client.v1.customers.create({"email": "a@b.c", "metadata": {"k": "1", "l": "2"}})
    client.v1.customers.update(made.id, {"name": "Ünï", "metadata": {"k": ""}})
    now = client.v1.customers.retrieve(made.id)
    assert (now.name, now.metadata.to_dict()) == ("Ünï", {"l": "2"})
    assert client.v1.customers.delete(made.id).deleted
    assert client.v1.customers.retrieve(made.id).deleted
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.update(made.id, {"name": "x"})
    events = client.v1.events.list({"type": "customer.*", "limit": 3}).data
    assert [e.type for e in events] == ["customer.deleted", "customer.updated", "customer.created"]
    before = events[1].data.previous_attributes.to_dict()
    assert before == {"name": None, "metadata": {"k": "1"}}


@pytest.mark.rule("3.5b", "3.5c")
def test_cancel(own: Simulator) -> None:
    """A canceled subscription is whole, leaves the default list, and cannot be canceled twice."""
    client = sdk(own)
    sub = client.v1.subscriptions.list().data[0].id
    gone = client.v1.subscriptions.cancel(sub)
    assert (gone.status, gone.canceled_at) == ("canceled", own.account.clock.now)
    assert sub not in {s.id for s in client.v1.subscriptions.list({"limit": 100}).data}
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        client.v1.subscriptions.cancel(sub)
    assert client.v1.events.list().data[0].type == "customer.subscription.deleted"


@pytest.mark.rule("2.8c", "3.3c", "4.1a")
def test_deleting_a_customer_cancels_in_cascade(own: Simulator) -> None:
    """Active subscriptions end first; all of them are still listed under status=all."""
    client = sdk(own)
    sub = client.v1.subscriptions.list({"status": "active"}).data[0]
    client.v1.customers.delete(str(sub.customer))
    kinds = [e.type for e in client.v1.events.list({"limit": 100}).data]
    assert kinds.index("customer.deleted") < kinds.index("customer.subscription.deleted")
    every = client.v1.subscriptions.list({"status": "all", "limit": 100}).data
    assert {s.id: s.status for s in every}[sub.id] == "canceled"


def test_same_seed_same_account() -> None:
    """Two accounts of one seed are equal in every byte; another seed differs."""
    config = {"customers": 15, "years": 0.3}
    first, again, other = (Simulator(SimulatorConfig(seed=s, **config)) for s in (1, 1, 2))  # type: ignore[arg-type]
    paths = sorted(first.account.collections)
    assert paths == sorted(again.account.collections)
    for path in paths:
        assert first.account.objects(path) == again.account.objects(path), path
    assert first.account.objects("/v1/customers") != other.account.objects("/v1/customers")


def test_all_of_it_lies_in_the_past(own: Simulator) -> None:
    """Nothing is created after now, nor before the business began."""
    since = DEFAULT_NOW - int(own.config.years * 365 * 86400)
    for path, collection in own.account.collections.items():
        for row in collection.ordered:
            assert since <= row.created <= DEFAULT_NOW, (path, row.id)


def test_invoice_totals_equal_their_lines(sim: Simulator) -> None:
    """subtotal, discount, tax and total follow from the lines; paid ones are paid in full."""
    for invoice in sim.account.objects("/v1/invoices"):
        lines = invoice["lines"]["data"]
        off = sum(d["amount"] for line in lines for d in line["discount_amounts"])
        taxes = [t for line in lines for t in line["taxes"]]
        tax = sum(t["amount"] for t in taxes)
        added = sum(t["amount"] for t in taxes if t["tax_behavior"] == "exclusive")
        assert invoice["subtotal"] == sum(line["amount"] for line in lines)
        assert invoice["total"] == invoice["subtotal"] - off + added
        assert off == sum(d["amount"] for d in invoice["total_discount_amounts"])
        assert tax == sum(t["amount"] for t in invoice["total_taxes"])
        if invoice["status"] == "paid":
            paid = invoice["amount_paid"] + invoice["pre_payment_credit_notes_amount"]
            assert paid == max(invoice["total"] + invoice["starting_balance"], 0)
            assert invoice["amount_remaining"] == 0


def test_bulk_objects_are_objects(own: Simulator, own_wire: Wire) -> None:
    """Copies of a prototype are listed, read, filtered and changed like any other."""
    model = dict(own.account.objects("/v1/customers")[0])
    model |= {"id": f"cus_{Prototype.TOKEN}", "created": Prototype.TIME, "email": "bulk@x.y"}
    own.account.bulk("/v1/customers", model, 5000, DEFAULT_NOW - 86400, DEFAULT_NOW)
    rows = own_wire.all(f"/v1/customers?created[gte]={DEFAULT_NOW - 3600}")
    assert len(rows) >= 200
    assert own_wire.get("/v1/customers/cus_000000004999").json()["email"] == "bulk@x.y"
    own.account.update("/v1/customers", "cus_000000004999", {"email": "new@x.y"})
    assert own_wire.ids("/v1/customers?email=new@x.y") == ["cus_000000004999"]


def test_importing_is_cheap() -> None:
    """The server's libraries are imported when a server starts, not before."""
    code = (
        "import sys, stripe_source.simulator as s; s.Simulator(s.SimulatorConfig(customers=0));"
        "print([m for m in sys.modules if m.split('.')[0] in ('starlette', 'uvicorn')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
