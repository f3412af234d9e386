"""Every object of the account against the SDK's annotations."""

from __future__ import annotations

import pytest
import stripe

from stripe_source.simulator import Simulator
from stripe_source.simulator.data.generate import FOLDER, rendered

from .declared import Declared


@pytest.fixture(scope="module")
def declared() -> Declared:
    """Read from the SDK's sources, not from the file that the simulator uses."""
    return Declared()


def test_generated_files_are_current() -> None:
    """shapes.json and endpoints.json say what the installed SDK says."""
    for name, text in rendered().items():
        assert (FOLDER / name).read_text() == text, f"run the generator for {name}"


def test_every_object_is_as_declared(sim: Simulator, declared: Declared) -> None:
    """Field names and value types of every stored object are the SDK's, at every depth."""
    found = set()
    for path in sim.account.collections:
        for obj in sim.account.objects(path):
            found |= set(declared.faults(obj))
    assert not found, sorted(found)[:20]


def test_default_resources_carry_every_field(sim: Simulator, declared: Declared) -> None:
    """Whatever the SDK declares at the top of a business object is there, null where nothing."""
    late = {"deleted", "payments", "refunds", "sources", "subscriptions", "tax_ids",
            "previous_attributes"}  # fmt: skip
    for path in ("customers", "products", "prices", "plans", "coupons", "subscriptions", "charges",
                 "invoices", "invoiceitems", "invoice_payments", "payment_intents", "refunds",
                 "balance_transactions", "payouts", "disputes", "credit_notes",
                 "payment_methods", "events"):  # fmt: skip
        for obj in sim.account.objects(f"/v1/{path}"):
            missing = {n.rstrip("?") for n in declared.shapes[obj["object"]]} - set(obj) - late
            assert not missing, (path, missing)


def test_every_list_parses_into_the_sdk(sim: Simulator, client: stripe.StripeClient) -> None:
    """Each top-level list answers the SDK's own raw request and its rows deserialise."""
    for path, resource in sim.account.registry.resources.items():
        if resource.nested or any(name.endswith("!") for name in resource.params):
            continue
        answer = client.raw_request("get", path)
        listed = client.deserialize(answer.data, api_mode="V1")
        assert listed["data"], path
        assert {row["object"] for row in listed["data"]} <= set(resource.objects), path
