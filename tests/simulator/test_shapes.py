"""Every object of the account against the SDK's annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator
from stripe_source.simulator.data.generate import FOLDER, rendered
from stripe_source.simulator.data.sdk_shapes import all_shapes

PLAIN: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool,
                         "decimal": str}  # fmt: skip


@pytest.fixture(scope="module")
def shapes() -> dict[str, Any]:
    """Read from the SDK's sources, not from the file that the simulator uses."""
    return all_shapes()


def faults_in(  # noqa: C901, PLR0912 - one branch for each kind of type
    value: Any, kind: Any, where: str, shapes: dict[str, Any]
) -> Iterator[str]:
    """Where a value departs from its declared type."""
    if isinstance(kind, str):
        expected = PLAIN.get(kind, str)
        wrong = not isinstance(value, expected) or (
            isinstance(value, bool) and kind in ("int", "float")
        )
        if kind != "any" and wrong:
            yield f"{where}: {value!r} is no {kind}"
        return
    ((family, inner),) = kind.items()
    if family == "object":
        yield from faults_in_fields(value, inner, where, shapes)
    elif family == "array":
        for item in value:
            yield from faults_in(item, inner, f"{where}[]", shapes)
    elif family == "map":
        for item in value.values():
            yield from faults_in(item, inner, f"{where}{{}}", shapes)
    elif family == "id":
        if not isinstance(value, str):
            yield f"{where}: {value!r} is no id"
    elif family == "embed":
        if value["object"] not in inner:
            yield f"{where}: {value['object']} is none of {inner}"
        yield from faults_in_fields(value, shapes[value["object"]], where, shapes)
    elif family == "list":
        if set(value) != {"object", "data", "has_more", "url"}:
            yield f"{where}: no list"
        for item in value["data"]:
            yield from faults_in_fields(item, shapes[item["object"]], f"{where}.data", shapes)


def faults_in_fields(value: Any, fields: Any, where: str, shapes: dict[str, Any]) -> Iterator[str]:
    """The same for a hash: each field declared, each declared field there and of its type."""
    declared = {name.rstrip("?"): (kind, name.endswith("?")) for name, kind in fields.items()}
    for name in set(value) - set(declared):
        yield f"{where}.{name} is not declared"
    for name, (kind, optional) in declared.items():
        if value.get(name) is None:
            if not optional:
                yield f"{where}.{name} is null or missing"
        else:
            yield from faults_in(value[name], kind, f"{where}.{name}", shapes)


def test_generated_files_are_current() -> None:
    """shapes.json and endpoints.json say what the installed SDK says."""
    for name, text in rendered().items():
        assert (FOLDER / name).read_text() == text, f"run the generator for {name}"


def test_every_object_is_as_declared(sim: Simulator, shapes: dict[str, Any]) -> None:
    """Field names and value types of every stored object are the SDK's, at every depth."""
    found = set()
    for path in sim.account.collections:
        for obj in sim.account.objects(path):
            name = obj["object"]
            found |= set(faults_in_fields(obj, shapes[name], name, shapes))
    assert not found, sorted(found)[:20]


def test_default_resources_carry_every_field(sim: Simulator, shapes: dict[str, Any]) -> None:
    """Whatever the SDK declares at the top of a business object is there, null where nothing."""
    late = {"deleted", "payments", "refunds", "sources", "subscriptions", "tax_ids",
            "previous_attributes"}  # fmt: skip
    for path in ("customers", "products", "prices", "plans", "coupons", "subscriptions", "charges",
                 "invoices", "invoiceitems", "invoice_payments", "payment_intents", "refunds",
                 "balance_transactions", "payouts", "disputes", "credit_notes",
                 "payment_methods", "events"):  # fmt: skip
        for obj in sim.account.objects(f"/v1/{path}"):
            missing = {n.rstrip("?") for n in shapes[obj["object"]]} - set(obj) - late
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
