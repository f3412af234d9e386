"""Objects in older API versions: what the header changes, and what it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import orjson
import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.config import EventQuirks
from stripe_source.simulator.shapes import all_shapes
from stripe_source.simulator.versions.added import added_since, tree_of
from tests.simulator.conftest import Wire, sdk
from tests.simulator.declared import Declared

OLD, BASIL, NOW = "2024-06-20", "2025-03-31.basil", "2026-10-28.endive"
Rows: TypeAlias = list[dict[str, Any]]

MOVES = {
    "customer": "-business_name -customer_account -individual_name",
    "subscription": "current_period_end current_period_start discount -billing_mode"
    " -billing_schedules -customer_account -managed_payments -presentment_details -status_details",
    "subscription_item": "plan -billed_until -current_period_end -current_period_start"
    " -current_trial",
    "invoice": "application_fee_amount charge discount paid paid_out_of_band payment_intent quote"
    " subscription subscription_details subscription_proration_date tax total_tax_amounts"
    " transfer_data automatically_finalizes_at -amount_overpaid -amount_paid_off_stripe"
    " -confirmation_secret -customer_account -parent -payments -status_details"
    " -total_pretax_credit_amounts -total_taxes",
    "line_item": "amount_excluding_tax invoice_item plan price proration proration_details"
    " subscription_item tax_amounts tax_rates type unit_amount_excluding_tax -parent"
    " -pretax_credit_amounts -pricing -quantity_decimal -subtotal -taxes",
    "invoiceitem": "plan price subscription subscription_item unit_amount unit_amount_decimal"
    " -customer_account -frozen_fields -invoicing_rules -net_amount -parent -pricing"
    " -proration_details -quantity_decimal",
    "product": "type -tax_details",
    "plan": "aggregate_usage",
    "charge": "invoice level3 source authorization_code -presentment_details",
    "payment_intent": "invoice source -allowed_payment_method_types -customer_account"
    " -excluded_payment_method_types -hooks -managed_payments -payment_details -payment_record"
    " -presentment_details",
    "discount": "coupon -customer_account -source",
    "promotion_code": "coupon -customer_account -promotion",
    "credit_note": "refund tax_amounts -customer_account -post_payment_amount"
    " -pre_payment_amount -pretax_credit_amounts -refunds -total_taxes",
}
"""What 2024-06-20 has and lacks (-) of each object.

It is the project's table of field moves, but for fields that Stripe's SDK of that version does
declare and the table counts as new: subscription_item.plan, invoice.automatically_finalizes_at,
product.type, charge.level3, source and authorization_code, payment_intent.source.
"""
LISTS = ("customers", "subscriptions?status=all", "invoices", "invoiceitems", "products", "prices",
         "plans", "charges", "payment_intents", "coupons", "promotion_codes", "credit_notes",
         "refunds", "tax_rates")  # fmt: skip
CAME_BACK = "billing_thresholds"
"""Gone from the SDK of 2025-03-31.basil, and given back to that version two months later."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    """A business with some of everything."""
    with Simulator(SimulatorConfig(seed=3, customers=80)) as made:
        yield made


@pytest.fixture
def rows(wire: Wire) -> Callable[[str, str], Rows]:
    """The whole list at a path in a version."""

    def read(path: str, version: str) -> Rows:
        sign = "&" if "?" in path else "?"
        found: Rows = []
        cursor = ""
        while True:
            at = f"/v1/{path}{sign}limit=100{cursor}"
            page = wire.get(at, Stripe_Version=version).json()
            found += page["data"]
            if not page["has_more"]:
                return found
            cursor = f"&starting_after={found[-1]['id']}"

    return read


def old_shapes(version: str) -> dict[str, Any]:
    """The shapes that the SDK of a version declares."""
    text = (Path(__file__).parent / "data" / f"shapes_{version}.json").read_bytes()
    shapes: dict[str, Any] = orjson.loads(text)
    return shapes


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in an answer, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("object"), str):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from inside(item)


def by_id(found: Rows) -> dict[str, dict[str, Any]]:
    """Rows by their id."""
    return {row["id"]: row for row in found}


# -- shapes --


@pytest.mark.rule("3.2a")
@pytest.mark.parametrize("version", [OLD, BASIL])
@pytest.mark.parametrize("path", LISTS)
def test_as_the_sdk_of_the_version_declares(
    rows: Callable[[str, str], Rows], path: str, version: str
) -> None:
    """Every row has the fields and types that Stripe's SDK of that version declares, no others."""
    declared = Declared(old_shapes(version))
    found = rows(path, version)
    assert found
    faults = {
        fault
        for row in found
        for fault in declared.faults(row)
        if not (version == BASIL and fault.endswith(f"{CAME_BACK} is not declared"))
    }
    assert not faults, sorted(faults)[:20]


@pytest.mark.rule("3.2a")
def test_every_move_is_made(rows: Callable[[str, str], Rows]) -> None:
    """Each field that the table of moves names is there, or gone, in each object of an answer."""
    seen = set()
    expanded = ["invoices?expand[]=data.discounts", "customers?expand[]=data.subscriptions"]
    for path in (*LISTS, *expanded):
        for obj in inside(rows(path, OLD)):
            seen.add(obj["object"])
            for move in MOVES.get(obj["object"], "").split():
                gone = move.startswith("-")
                assert (move.lstrip("-") in obj) != gone, (obj["object"], move)
    assert set(MOVES) <= seen


@pytest.mark.parametrize(("version", "newer"), [(BASIL, None), (OLD, BASIL)])
def test_what_was_added_is_current(version: str, newer: str | None) -> None:
    """added.tsv names what the present shapes declare and the version's SDK does not."""
    shapes = old_shapes(version)
    newer_shapes = old_shapes(newer) if newer else all_shapes()
    for name, old in shapes.items():
        missing = set(paths(newer_shapes[name])) - set(paths(old)) - {"deleted"}
        top = {path for path in missing if not any(path.startswith(f"{m}.") for m in missing)}
        kept = {path for path in top if path.endswith(CAME_BACK)}
        assert added_since(version).get(name, {}) == tree_of(sorted(top - kept)), name


def paths(shape: dict[str, Any], before: str = "") -> Iterator[str]:
    """The dotted paths of a shape."""
    for field, kind in shape.items():
        path = before + field.rstrip("?")
        yield path
        while isinstance(kind, dict) and ("array" in kind or "map" in kind):
            path += ".*" if "map" in kind else ""
            kind = kind.get("array", kind.get("map"))  # noqa: PLW2901 - what is inside
        if isinstance(kind, dict) and "object" in kind:
            yield from paths(kind["object"], f"{path}.")


@pytest.mark.rule("3.2a")
@pytest.mark.parametrize("version", [OLD, BASIL])
def test_every_list_answers(sim: Simulator, wire: Wire, version: str) -> None:
    """Each top-level list has the same rows in every version."""
    for path, resource in sim.account.registry.resources.items():
        if resource.nested or any(name.endswith("!") for name in resource.params):
            continue
        answer = wire.get(path, Stripe_Version=version)
        assert answer.status == 200, (path, answer.data)
        assert [row.get("id") for row in answer.json()["data"]] == [
            row.get("id") for row in wire.get(path).json()["data"]
        ]


# -- what the old fields say --


@pytest.mark.rule("3.2b")
def test_subscription_period_is_its_items(rows: Callable[[str, str], Rows]) -> None:
    """Before basil, a subscription had the period that its items have now."""
    now = by_id(rows("subscriptions?status=all", NOW))
    for old in rows("subscriptions?status=all", OLD):
        periods = [
            (item["current_period_start"], item["current_period_end"])
            for item in now[old["id"]]["items"]["data"]
        ]
        assert (old["current_period_start"], old["current_period_end"]) in periods
        assert old["current_period_end"] == min(end for _, end in periods)


@pytest.mark.rule("3.2c")
def test_invoice_knows_its_subscription(rows: Callable[[str, str], Rows]) -> None:
    """``parent.subscription_details`` was ``subscription`` and ``subscription_details``."""
    now = by_id(rows("invoices", NOW))
    for old in rows("invoices", OLD):
        details = (now[old["id"]]["parent"] or {}).get("subscription_details") or {}
        assert old["subscription"] == details.get("subscription")
        if details:
            assert old["subscription_details"] == {"metadata": details["metadata"]}
    assert any(old["subscription"] for old in rows("invoices", OLD))


@pytest.mark.rule("3.2d")
def test_invoice_knows_its_payment(rows: Callable[[str, str], Rows]) -> None:
    """``payment_intent`` and ``charge`` are the default payment's; ``paid`` is the status."""
    intents = by_id(rows("payment_intents", NOW))
    payments: dict[str, Rows] = {}
    for row in rows("invoice_payments", NOW):
        payments.setdefault(row["invoice"], []).append(row)
    charged = 0
    for old in rows("invoices", OLD):
        own = payments.get(old["id"], [])
        default = [row for row in own if row["is_default"]] or own
        named = {row["payment"]["payment_intent"] for row in default} or {None}
        assert old["payment_intent"] in named
        assert old["charge"] == intents.get(old["payment_intent"], {}).get("latest_charge")
        assert old["paid"] == (old["status"] == "paid")
        charged += old["charge"] is not None
    assert charged


@pytest.mark.rule("3.2f")
def test_charges_and_intents_know_their_invoice(rows: Callable[[str, str], Rows]) -> None:
    """``invoice`` of a charge and of a payment intent leads back to where they were named."""
    charges = by_id(rows("charges", OLD))
    intents = by_id(rows("payment_intents", OLD))
    named = [old for old in rows("invoices", OLD) if old["charge"]]
    assert named
    for old in named:
        assert charges[old["charge"]]["invoice"] == old["id"]
        assert intents[old["payment_intent"]]["invoice"] == old["id"]


@pytest.mark.rule("3.2d")
def test_invoice_tax_is_the_sum(rows: Callable[[str, str], Rows]) -> None:
    """``tax`` is the sum of ``total_tax_amounts``, which hold what ``total_taxes`` hold now."""
    now = by_id(rows("invoices", NOW))
    taxed = 0
    for old in rows("invoices", OLD):
        taxes = now[old["id"]]["total_taxes"] or []
        assert old["tax"] == (sum(tax["amount"] for tax in taxes) if taxes else None)
        assert old["total_tax_amounts"] == [
            {
                "amount": tax["amount"],
                "inclusive": tax["tax_behavior"] == "inclusive",
                "tax_rate": tax["tax_rate_details"]["tax_rate"],
                "taxability_reason": tax["taxability_reason"],
                "taxable_amount": tax["taxable_amount"],
            }
            for tax in taxes
        ]
        taxed += bool(taxes)
    assert taxed


@pytest.mark.rule("3.2e")
def test_line_has_the_whole_price_and_plan(rows: Callable[[str, str], Rows]) -> None:
    """A line held the price and, where it recurs, the plan, each in the shape of that time."""
    prices, plans = by_id(rows("prices", OLD)), by_id(rows("plans", OLD))
    found = 0
    for line in lines_of(rows("invoices", OLD)):
        price = line["price"]
        assert price == prices[price["id"]]
        assert line["plan"] == (plans[price["id"]] if price["recurring"] else None)
        found += price["recurring"] is not None and "aggregate_usage" in price["recurring"]
    assert found


@pytest.mark.rule("3.2e")
def test_line_tells_where_it_came_from(rows: Callable[[str, str], Rows]) -> None:
    """``type`` is ``invoiceitem`` for what has an invoice item behind it, else ``subscription``."""
    now = by_id(list(lines_of(rows("invoices", NOW))))
    kinds = set()
    for line in lines_of(rows("invoices", OLD)):
        parent = now[line["id"]]["parent"]
        details = parent[parent["type"]]
        assert line["invoice_item"] == details["invoice_item"]
        assert line["proration"] == details["proration"]
        assert line["type"] == ("invoiceitem" if details["invoice_item"] else "subscription")
        kinds.add(line["type"])
    assert kinds == {"invoiceitem", "subscription"}


def lines_of(invoices: Rows) -> Iterator[dict[str, Any]]:
    """The lines that their rows show."""
    for invoice in invoices:
        yield from invoice["lines"]["data"]


@pytest.mark.rule("3.2g")
def test_a_single_discount_stands_whole(rows: Callable[[str, str], Rows]) -> None:
    """``discount`` was the one discount with its whole coupon; with none or more it was null."""
    coupons = by_id(rows("coupons", OLD))
    found = 0
    for path in ("subscriptions?status=all", "invoices"):
        for old in rows(path, OLD):
            if len(old["discounts"]) != 1:
                assert old["discount"] is None
                continue
            assert old["discount"]["id"] == old["discounts"][0]
            assert old["discount"]["coupon"] == coupons[old["discount"]["coupon"]["id"]]
            found += 1
    assert found


@pytest.mark.rule("3.2g")
def test_coupons_stood_in_discounts_and_codes(rows: Callable[[str, str], Rows]) -> None:
    """Before clover, a discount and a promotion code held the whole coupon."""
    coupons = by_id(rows("coupons", BASIL))
    for code in rows("promotion_codes", BASIL):
        assert code["coupon"] == coupons[code["coupon"]["id"]]
    found = [c["discount"] for c in rows("customers", BASIL) if c["discount"]]
    found += [d for i in rows("invoices?expand[]=data.discounts", BASIL) for d in i["discounts"]]
    assert found
    for discount in found:
        assert discount["coupon"] == coupons[discount["coupon"]["id"]]
        assert "source" not in discount


def test_credit_note_names_its_refund(rows: Callable[[str, str], Rows]) -> None:
    """``refund`` is the one that ``refunds`` lists now."""
    now = by_id(rows("credit_notes", NOW))
    for old in rows("credit_notes", OLD):
        refunds = now[old["id"]]["refunds"]
        assert old["refund"] == (refunds[0]["refund"] if refunds else None)


# -- the header --


def test_basil_keeps_what_came_with_it(rows: Callable[[str, str], Rows]) -> None:
    """In basil an invoice has its parent and taxes, and a subscription's period is on the items."""
    invoice = rows("invoices", BASIL)[0]
    assert invoice["parent"]
    assert not {"subscription", "charge", "paid", "tax"} & set(invoice)
    subscription = rows("subscriptions?status=all", BASIL)[0]
    assert "current_period_end" not in subscription
    assert subscription["items"]["data"][0]["current_period_end"]


def test_single_objects_and_expanded_ones(wire: Wire) -> None:
    """A single object is in the version too, and so is what is expanded in it, at every depth."""
    listed = wire.get("/v1/subscriptions?limit=1", Stripe_Version=OLD).json()["data"][0]
    path = f"/v1/subscriptions/{listed['id']}"
    assert wire.get(path, Stripe_Version=OLD).json() == listed
    expand = "?expand[]=latest_invoice&expand[]=customer.subscriptions"
    deep = wire.get(path + expand, Stripe_Version=OLD).json()
    assert deep["latest_invoice"]["subscription"] == listed["id"]
    assert deep["latest_invoice"]["lines"]["data"][0]["price"]["object"] == "price"
    assert listed in deep["customer"]["subscriptions"]["data"]


def test_nested_lists_are_in_the_version(wire: Wire) -> None:
    """The rows of a list below an object are in the version of the request."""
    invoice = wire.get("/v1/invoices?limit=1", Stripe_Version=OLD).json()["data"][0]
    listed = wire.get(f"/v1/invoices/{invoice['id']}/lines", Stripe_Version=OLD).json()["data"]
    assert listed[:10] == invoice["lines"]["data"]


def test_searches_are_in_the_version(own: Simulator, own_wire: Wire) -> None:
    """What a search finds is in the version of the request."""
    own.account.advance(own.account.config.search_lag)
    path = "/v1/subscriptions/search?query=status:'active'"
    found = own_wire.get(path, Stripe_Version=OLD).json()["data"]
    assert found
    for row in found:
        alone = own_wire.get(f"/v1/subscriptions/{row['id']}", Stripe_Version=OLD)
        assert alone.json() == row
        assert "current_period_end" in row


def test_writes_are_answered_in_the_version(own: Simulator) -> None:
    """What a write made is shown in the version of its request."""
    made = sdk(own).v1.products.create({"name": "P"}, {"stripe_version": OLD})
    assert "tax_details" not in made
    made = sdk(own).v1.products.create({"name": "P"})
    assert "tax_details" in made


@pytest.mark.rule("1.2b")
def test_without_a_header_the_accounts_version(wire: Wire) -> None:
    """An account's own version answers where no header asks for another, and is named."""
    with Simulator(SimulatorConfig(seed=4, customers=12, years=0.5, api_version=OLD)) as made:
        answer = Wire(made).get("/v1/invoices?limit=1")
        assert answer.headers["Stripe-Version"] == OLD
        assert "paid" in answer.json()["data"][0]
        answer = Wire(made).get("/v1/invoices?limit=1", Stripe_Version=NOW)
        assert "paid" not in answer.json()["data"][0]
    answer = wire.get("/v1/invoices?limit=1")
    assert answer.headers["Stripe-Version"] == NOW
    assert "paid" not in answer.json()["data"][0]


@pytest.mark.parametrize(
    ("asked", "like"),
    [
        ("2024-12-18.acacia", OLD),
        ("2025-08-27.basil", BASIL),
        ("2025-09-30.clover", BASIL),
        ("2026-08-26.dahlia", BASIL),
        ("2026-09-30.endive", NOW),
    ],
)
def test_releases_between_ours(wire: Wire, asked: str, like: str) -> None:
    """A release between two that we render is answered like the older, under its own name."""
    answer = wire.get("/v1/promotion_codes", Stripe_Version=asked)
    assert answer.headers["Stripe-Version"] == asked
    assert answer.json() == wire.get("/v1/promotion_codes", Stripe_Version=like).json()


@pytest.mark.parametrize(
    "asked", ["2027-01-27.endive", "2025-04-01.basil", "2025-09-30.acacia", "2024-6-20", "latest"]
)
def test_what_was_never_released(wire: Wire, asked: str) -> None:
    """A version that Stripe never released is a 400 with Stripe's text."""
    answer = wire.get("/v1/invoices", Stripe_Version=asked)
    assert answer.status == 400
    error = answer.json()["error"]
    assert error["message"] == f"Invalid Stripe API version: {asked}"
    assert error["type"] == "invalid_request_error"


def test_metadata_is_the_accounts_own(own: Simulator, own_wire: Wire) -> None:
    """Metadata whose keys look like an object's is left alone."""
    look = {"object": "discount", "source": "shop"}
    customer = own.account.objects("/v1/customers")[0]["id"]
    own.account.update("/v1/customers", customer, {"metadata": look})
    shown = own_wire.get(f"/v1/customers/{customer}", Stripe_Version=OLD).json()
    assert shown["metadata"] == look


@pytest.mark.rule("4.1c")
def test_snapshots_are_not_rendered_again(own_wire: Wire) -> None:
    """An event's snapshot stays in the version in which it was made, whatever the header asks."""
    old = own_wire.get("/v1/events", Stripe_Version=OLD).json()["data"]
    now = own_wire.get("/v1/events").json()["data"]
    assert [event["data"] for event in old] == [event["data"] for event in now]
    assert all("context" in event for event in now)
    assert not any("context" in event for event in old)


def test_events_are_made_in_an_older_version() -> None:
    """A share of the events is rendered in an older version, what it tells of before included."""
    shapes = old_shapes(OLD)
    config = SimulatorConfig(seed=5, customers=20, events=EventQuirks(older=0.5, older_version=OLD))
    with Simulator(config) as made:
        found = Wire(made).all("/v1/events")
        versions = {event["api_version"] for event in found}
        old = [event for event in found if event["api_version"] == OLD]
    assert versions == {OLD, NOW}
    declared = [event["data"] for event in old if event["data"]["object"]["object"] in shapes]
    for data in declared:
        snapshot = data["object"]
        fields = shapes[snapshot["object"]]
        assert not list(Declared(shapes).faults(snapshot))
        assert set(data.get("previous_attributes", {})) <= {name.rstrip("?") for name in fields}
    told = {name for data in declared for name in data.get("previous_attributes", {})}
    assert "current_period_end" in told


@pytest.mark.rule("4.1c")
def test_an_accounts_events_are_in_its_version() -> None:
    """Without any quirk, events are in the account's own version, and say which."""
    with Simulator(SimulatorConfig(seed=5, customers=20, api_version="2024-09-30.acacia")) as made:
        found = Wire(made).all("/v1/events?type=invoice.created")
    assert {event["api_version"] for event in found} == {"2024-09-30.acacia"}
    assert all("paid" in event["data"]["object"] for event in found)


def test_deleted_stubs_are_the_same(own: Simulator, own_wire: Wire) -> None:
    """A deleted customer is the same three fields in every version."""
    customer = own.account.objects("/v1/customers")[0]["id"]
    own.account.delete("/v1/customers", customer)
    stub = {"id": customer, "object": "customer", "deleted": True}
    for version in (OLD, BASIL, NOW):
        assert own_wire.get(f"/v1/customers/{customer}", Stripe_Version=version).json() == stub


@pytest.mark.parametrize(
    ("path", "expand", "there"),
    [
        ("invoices", "subscription", "subscription.current_period_end"),
        ("invoices", "payment_intent", "payment_intent.invoice"),
        ("invoices", "payment_intent.latest_charge", "payment_intent.latest_charge.invoice"),
        ("invoices", "charge.refunds", "charge.refunds.object"),
        ("invoices", "charge.invoice", "charge.invoice.paid"),
        ("invoices", "discount.promotion_code", "discount.coupon.object"),
        ("invoices", "lines.data.invoice_item", "lines.data.invoice_item.unit_amount_decimal"),
        ("invoiceitems", "price.product", "price.product.name"),
        ("invoices", "total_tax_amounts.tax_rate", "total_tax_amounts.tax_rate.percentage"),
        ("charges", "invoice.subscription", "invoice.subscription.current_period_end"),
        ("payment_intents", "invoice", "invoice.paid"),
        ("credit_notes", "refund", "refund.charge"),
        ("subscriptions", "latest_invoice.payment_intent", "latest_invoice.payment_intent.object"),
    ],
)
def test_expanding_what_was_named_then(wire: Wire, path: str, expand: str, there: str) -> None:
    """What a version names can be expanded in it, and is in that version too."""
    answer = wire.get(f"/v1/{path}?limit=100&expand[]=data.{expand}", Stripe_Version=OLD)
    assert answer.status == 200, answer.json()
    assert any(reached(row, there.split(".")) for row in answer.json()["data"])


def reached(value: Any, path: list[str]) -> bool:
    """Whether a path leads to something; through lists, by any of their items."""
    if isinstance(value, list):
        return any(reached(item, path) for item in value)
    if not path:
        return value is not None
    return isinstance(value, dict) and reached(value.get(path[0]), path[1:])


@pytest.mark.parametrize(
    ("version", "path", "expand"),
    [
        (NOW, "charges", "invoice"),
        (BASIL, "charges", "invoice"),
        (OLD, "invoices", "payments"),
        (OLD, "promotion_codes", "promotion.coupon"),
        (NOW, "promotion_codes", "coupon"),
    ],
)
def test_expanding_what_another_version_names(
    wire: Wire, version: str, path: str, expand: str
) -> None:
    """What only another version names cannot be expanded."""
    answer = wire.get(f"/v1/{path}?expand[]=data.{expand}", Stripe_Version=version)
    assert answer.status == 400
    assert "cannot be expanded" in answer.json()["error"]["message"]


def test_the_sdk_may_ask_for_a_version(client: stripe.StripeClient) -> None:
    """The official SDK's ``stripe_version`` option is honoured."""
    found = client.v1.subscriptions.list({"limit": 1}, {"stripe_version": OLD}).data[0]
    assert found["current_period_end"]
