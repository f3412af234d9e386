"""Nothing that arrives is dropped in silence: it is in a column, or in ``_extra`` and reported."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stripe_source.errors import StripeUnavailable
from stripe_source.tables.oddities import Oddities
from tests.tables.pages import page, tables

CUSTOMER = {"id": "cus_1", "object": "customer", "created": 1_700_000_000, "livemode": False}
PRICE = {"id": "price_1", "object": "price", "created": 1_700_000_000}


def one(resource: str, **fields: Any) -> tuple[dict[str, Any], dict[str, Any], Oddities]:
    """The row of an object with these fields, its ``_extra``, and what was odd about it."""
    oddities = Oddities()
    base = {"customers": CUSTOMER, "prices": PRICE}[resource]
    (row,) = tables(resource, page({**base, **fields}), oddities=oddities)[resource].to_pylist()
    return row, json.loads(row["_extra"] or "{}"), oddities


def test_own_columns() -> None:
    """Each row carries its account, when it was asked for, and that it is not deleted."""
    row, extra, _ = one("customers", name="Ada")
    assert (row["_account_id"], row["name"], row["is_deleted"]) == ("acct_1", "Ada", False)
    assert row["_updated_at"] == datetime.fromtimestamp(1_790_000_000.25, UTC)
    assert row["created"] == datetime.fromtimestamp(1_700_000_000, UTC)
    assert row["deleted_at"] is None
    assert extra == {}


def test_unknown_fields_are_kept_by_the_name_a_column_would_have() -> None:
    """A field that Stripe adds tomorrow is in ``_extra``, whole, at the top and inside objects."""
    new = {"a": [1, None, {"b": "c"}]}
    row, extra, oddities = one("customers", brand_new=new, address={"city": "Rome", "planet": "x"})
    assert extra == {"brand_new": new, "address__planet": "x"}
    assert row["address__city"] == "Rome"
    assert oddities.unknown == {("customers", "brand_new"): 1, ("customers", "address__planet"): 1}
    assert not oddities.misfits


def test_unknown_fields_of_one_row_among_many() -> None:
    """Only the row that has an unknown field has an ``_extra``; all others are as without it."""
    odd = {**CUSTOMER, "id": "cus_odd", "new": 0}
    rows = [{**CUSTOMER, "id": f"cus_{n}", "balance": n} for n in range(5)]
    found = tables("customers", page(*rows, odd))["customers"].to_pylist()
    assert {row["id"]: row["_extra"] for row in found if row["_extra"]} == {"cus_odd": '{"new":0}'}
    assert [row["balance"] for row in found] == [0, 1, 2, 3, 4, None]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("balance", "many"),
        ("balance", 1.5),
        ("balance", 2**63),
        ("balance", {"usd": 1}),
        ("created", 10**12),
        ("created", "2026-01-01"),
        ("livemode", "yes"),
        ("livemode", 1),
        ("name", {"first": "Ada"}),
        ("name", ["Ada"]),
        ("address", "1 Main St"),
        ("address", ["1 Main St"]),
    ],
)
def test_a_value_that_does_not_fit_is_kept_and_reported(field: str, value: Any) -> None:
    """A value of the wrong type, or out of its type's range, is in ``_extra`` and is counted."""
    row, extra, oddities = one("customers", **{field: value})
    assert extra == {field: value}
    assert oddities.misfits == {("customers", field): 1}
    if field not in ("name", "address"):
        assert row[field] is None


def test_a_misfit_in_one_row_leaves_the_others_alone() -> None:
    """Rows beside a misfit keep their values, and it does not matter on which page they are."""
    good = {**CUSTOMER, "id": "cus_good", "balance": -5}
    bad = {**CUSTOMER, "id": "cus_bad", "balance": "x"}
    found = tables("customers", page(good), page(bad))["customers"].to_pylist()
    assert [(row["id"], row["balance"], row["_extra"]) for row in found] == [
        ("cus_good", -5, None),
        ("cus_bad", None, '{"balance":"x"}'),
    ]


def test_the_largest_integers_fit() -> None:
    """The bounds of 64 bits are integers, not misfits."""
    for value in (2**63 - 1, -(2**63)):
        row, extra, oddities = one("customers", balance=value)
        assert (row["balance"], extra, oddities.misfits) == (value, {}, {})


def test_decimals_keep_twelve_places() -> None:
    """A decimal string is exact up to 12 places; a longer one is kept as it came."""
    row, _, _ = one("prices", unit_amount_decimal="1234567890.123456789012")
    assert row["unit_amount_decimal"] == Decimal("1234567890.123456789012")
    row, extra, oddities = one("prices", unit_amount_decimal="0.1234567890123")
    assert row["unit_amount_decimal"] is None
    assert extra == {"unit_amount_decimal": "0.1234567890123"}
    assert oddities.misfits == {("prices", "unit_amount_decimal"): 1}


def test_an_expandable_field_is_its_id_either_way() -> None:
    """Expanded or not, in one page or mixed: the column holds the id."""
    rows = [
        {**PRICE, "id": "a", "product": "prod_1"},
        {**PRICE, "id": "b", "product": {"id": "prod_2", "object": "product", "name": "X"}},
        {**PRICE, "id": "c", "product": None},
    ]
    found = tables("prices", page(*rows))["prices"].to_pylist()
    assert [row["product"] for row in found] == ["prod_1", "prod_2", None]
    assert not any(row["_extra"] for row in found)


def test_null_and_empty_are_not_odd() -> None:
    """Null, an empty list or an empty object says nothing, known field or not."""
    _, extra, oddities = one("customers", unknown=None, other=[], address=None, metadata={})
    assert (extra, oddities.unknown, oddities.misfits) == ({}, {}, {})
    row, extra, oddities = one("customers", address={})
    assert (row["address__city"], extra, oddities.misfits) == (None, {}, {})


def test_compact_json_is_read_the_same() -> None:
    """What a proxy has reformatted is read like what Stripe indents."""
    rows = [{**CUSTOMER, "id": f"cus_{n}", "new": n, "balance": 2**63 + n} for n in range(3)]
    spaced = tables("customers", page(*rows))["customers"]
    assert tables("customers", page(*rows, indent=False))["customers"] == spaced


def test_text_that_looks_like_json_or_sql_stays_text() -> None:
    """Quotes, braces, backslashes and line breaks in a value survive, in columns and in extras."""
    name = 'Robert"); DROP TABLE x;-- {"id": 1} \\ \n "has_more": true 123456789012345'
    row, extra, _ = one("customers", name=name, metadata={"a'b\"c": name}, **{"k'\"/~ ": name})
    assert row["name"] == name
    assert json.loads(row["metadata"]) == {"a'b\"c": name}
    assert extra == {"k'\"/~ ": name}


def test_an_object_without_an_id_is_not_lost() -> None:
    """Where an expandable field holds an object that has no id, the object is in ``_extra``."""
    rows = [
        {**PRICE, "id": "a", "product": {"id": "prod_1"}},
        {**PRICE, "id": "b", "product": {"email": "lost@example.com"}},
        {**PRICE, "id": "c", "product": {"id": {"deep": 1}}},
    ]
    oddities = Oddities()
    found = tables("prices", page(*rows), oddities=oddities)["prices"].to_pylist()
    assert [row["product"] for row in found] == ["prod_1", None, None]
    assert [json.loads(row["_extra"] or "{}") for row in found] == [
        {},
        {"product": {"email": "lost@example.com"}},
        {"product": {"id": {"deep": 1}}},
    ]
    assert oddities.misfits == {("prices", "product"): 2}


@pytest.mark.parametrize("odd", [[{"foo": 1}, "di_2"], [["di_1"]], [None, "di_1"], "di_1", [7]])
def test_a_list_of_ids_that_is_none_is_not_lost(odd: Any) -> None:
    """Where a list of ids holds something else, the list is in ``_extra``, whole."""
    subscription = {"id": "sub_1", "object": "subscription", "discounts": odd}
    oddities = Oddities()
    (row,) = tables("subscriptions", page(subscription), oddities=oddities)[
        "subscriptions"
    ].to_pylist()
    assert json.loads(row["_extra"]) == {"discounts": odd}
    assert row["discounts"] is None
    assert oddities.misfits == {("subscriptions", "discounts"): 1}


@pytest.mark.parametrize("odd", ["il_1", ["il_1"], {"data": ["il_1"]}, {"data": {}}, 7])
def test_a_nested_list_that_is_none_is_not_lost(odd: Any) -> None:
    """Where a list that a child table holds is something else, the parent's ``_extra`` has it."""
    good = {"id": "in_1", "lines": {"object": "list", "data": [{"id": "il_9", "amount": 5}]}}
    bad = {"id": "in_2", "lines": odd}
    found = tables("invoices", page(good, bad))
    extras = {row["id"]: row["_extra"] for row in found["invoices"].to_pylist()}
    assert extras["in_1"] is None
    assert json.loads(extras["in_2"]) == {"lines": odd}
    assert [row["id"] for row in found["invoice_line_items"].to_pylist()] == ["il_9"]


def test_the_smallest_integer_as_a_time() -> None:
    """A number that no date can be is a misfit, not a crash."""
    row, extra, _ = one("customers", created=-(2**63))
    assert row["created"] is None
    assert extra == {"created": -(2**63)}


def test_a_row_without_an_id_is_a_broken_answer() -> None:
    """An object that has no id can't be a row: one error, which names the resource."""
    with pytest.raises(StripeUnavailable, match="an answer for customers is broken"):
        one("customers", id=None)
