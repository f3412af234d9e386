"""The search query language over plain objects: each operator, each error, any text."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.registry import described
from stripe_source.simulator.search.language import parse
from stripe_source.simulator.search.matching import matcher
from stripe_source.simulator.search.scanning import scanner

SEARCH = described().search

AMY: dict[str, Any] = {
    "id": "cus_amy",
    "created": 200,
    "email": "amy@rocketrides.io",
    "name": "One Two  Three four",
    "phone": "",
    "metadata": {"donation-id": "asdf-jkl", 'a"b\\c': "x"},
}
BOB: dict[str, Any] = {"id": "cus_bob", "created": 100, "email": None, "name": "Bob", "phone": None}


def found(query: str, *, fields: Any = SEARCH["customer"], among: Any = (AMY, BOB)) -> list[str]:
    """The ids that a query finds, without ``cus_``."""
    matches = scanner(parse(query), "customers", fields)
    return [obj["id"].removeprefix("cus_") for obj in among if matches(orjson.dumps(obj))]


@pytest.mark.rule("5.1e")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('email:"amy@rocketrides.io"', ["amy"]),
        ("email:'AMY@RocketRides.IO'", ["amy"]),
        ('email:"amy"', []),
        ('-email:"amy@rocketrides.io"', ["bob"]),
        ('email~"AMY"', ["amy"]),
        ('email~"ride"', ["amy"]),
        ('name:"one two three"', ["amy"]),
        ('name:"two three"', ["amy"]),
        ('name:"two one"', []),
        ('name:"one tw"', []),
        ("created>100", ["amy"]),
        ("created>=100", ["amy", "bob"]),
        ("created<200", ["bob"]),
        ("created<=200", ["amy", "bob"]),
        ('created>="200"', ["amy"]),
        ("created:100", ["bob"]),
        ("created:-100", []),
        ("created<100.5", ["bob"]),
        ("-created:100", ["amy"]),
        ("email:null", ["bob"]),
        ("-email:NULL", ["amy"]),
        ("phone:null", ["amy", "bob"]),
        ('name:"null"', []),
        ('metadata["donation-id"]:"ASDF-jkl"', ["amy"]),
        ("metadata['donation-id']:'asdf'", []),
        ('metadata["Donation-Id"]:"asdf-jkl"', []),
        ('-metadata["donation-id"]:null', ["amy"]),
        ('metadata["donation-id"]:null', ["bob"]),
        (r'metadata["a\"b\\c"]:"x"', ["amy"]),
        ('name:"bob" created:100', ["bob"]),
        ('name:"bob" and created:200', []),
        ('name:"bob" OR created:200', ["amy", "bob"]),
        ('name:"bob" or -name:"bob"', ["amy", "bob"]),
        ('  name:"bob"\n AND\tcreated:100 ', ["bob"]),
        (" ".join(["created>0"] * 10), ["amy", "bob"]),
    ],
)
def test_what_a_query_finds(query: str, expected: list[str]) -> None:
    """Each operator does what Stripe's table of the search syntax says."""
    assert found(query) == expected


UNPARSABLE = "We were unable to parse your search query"


@pytest.mark.rule("5.1d", "5.1e", "5.1f")
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("asdf", UNPARSABLE),
        (" ", UNPARSABLE),
        ("email:amy", UNPARSABLE),
        ('email:"amy', UNPARSABLE),
        (r'email:"amy\"', UNPARSABLE),
        ('email="amy"', UNPARSABLE),
        ('email : "amy"', UNPARSABLE),
        ('email:"amy"name:"bob"', UNPARSABLE),
        ('(email:"amy")', UNPARSABLE),
        ('email:"amy" AND', UNPARSABLE),
        ('AND email:"amy"', UNPARSABLE),
        ('email:"amy" AND OR email:"bob"', UNPARSABLE),
        ('email:"amy" XOR email:"bob"', UNPARSABLE),
        ('metadata:"amy"', UNPARSABLE),
        ("metadata[donation]:'amy'", UNPARSABLE),
        ('email["key"]:"amy"', UNPARSABLE),
        ('foo:"bar"', "Field `foo` is an unsupported search field for resource `customers`"),
        ('id:"cus_1"', "Field `id` is an unsupported search field for resource `customers`"),
        ('email>"amy"', "Field `email` does not support the operator `>`"),
        ("created~123", "Field `created` does not support the operator `~`"),
        ("created>null", "Field `created` does not support the operator `>`"),
        ("email~null", "Field `email` does not support the operator `~`"),
        ('metadata["key"]~"value"', "Field `metadata` does not support the operator `~`"),
        ('metadata["key"]>1', "Field `metadata` does not support the operator `>`"),
        ('created>"soon"', "Field `created` is numeric"),
        ('created>"NaN"', "Field `created` is numeric"),
        ('email~"am"', "at least 3 characters"),
        ('email:"a" AND email:"b" OR email:"c"', "can't combine AND and OR"),
        ('email:"a" email:"b" OR email:"c"', "can't combine AND and OR"),
        (" ".join(["created>0"] * 11), "at most 10 clauses"),
    ],
)
def test_what_is_no_query(query: str, message: str) -> None:
    """What the language or the resource does not allow is a 400 that says so."""
    with pytest.raises(ApiError) as caught:
        found(query)
    assert (caught.value.status, caught.value.kind) == (400, "invalid_request_error")
    assert message in caught.value.message


def test_a_field_is_unsupported_where_the_documentation_is() -> None:
    """The error names the resource and the part of Stripe's page that lists its fields."""
    with pytest.raises(ApiError, match="query-fields-for-payment-intents for a list"):
        matcher(parse('foo:"bar"'), "payment_intents", SEARCH["payment_intent"])


def test_values_that_are_not_the_field_of_that_name() -> None:
    """Card details, flags, refunds, references and errors are found by Stripe's names for them."""
    card = {"last4": "0042", "exp_year": 2030, "brand": "visa"}
    paid = {
        "id": "1",
        "refunded": False,
        "paid": True,
        "disputed": True,
        "customer": {"id": "cus_1"},
    }
    charges = [paid | {"payment_method_details": {"card": card}}, paid | {"id": "2", "paid": False}]

    def charge(query: str) -> list[str]:
        return found(query, fields=SEARCH["charge"], among=charges)

    assert charge("payment_method_details.card.last4:0042") == ["1"]
    assert charge("payment_method_details.card.last4:42") == []
    assert charge('payment_method_details.card.exp_year:"2030"') == ["1"]
    assert charge('disputed:"true" AND customer:"cus_1"') == ["1", "2"]
    assert charge('refunded:"false"') == ["1"]
    assert charge("refunded:null") == ["2"]
    error = {"code": "customer_tax_location_invalid", "type": "invalid_request_error"}
    parent = {"subscription_details": {"subscription": "sub_1"}}
    invoice = {"id": "in_1", "last_finalization_error": error, "parent": parent}

    def invoices(query: str) -> list[str]:
        return found(query, fields=SEARCH["invoice"], among=[invoice, {"id": "in_2"}])

    assert invoices('last_finalization_error_code:"customer_tax_location_invalid"') == ["in_1"]
    assert invoices('subscription:"sub_1" -last_finalization_error_type:null') == ["in_1"]
    prices = [{"id": "price_1", "active": True, "product": "prod_1"}]
    active = found('active:"TRUE" product:"prod_1"', fields=SEARCH["price"], among=prices)
    assert active == ["price_1"]


def test_case_is_folded_beyond_ascii() -> None:
    """Letters that have no lower case of their own are still found in any case."""
    objects = [{"id": "1", "name": "Hauptstraße"}, {"id": "2", "name": "Hauptstrasse"}]
    assert found('name:"HAUPTSTRASSE"', among=objects) == ["1", "2"]
    assert found('name~"straße"', among=objects) == ["1", "2"]


def escaped(value: str) -> str:
    """As a careful client writes a value into a query."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


AWKWARD = st.text(st.sampled_from("\"'\\ aA[]:~-\n\u00df"), max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.lists(AWKWARD | st.text(max_size=20), min_size=1, max_size=6), AWKWARD)
def test_an_escaped_value_finds_itself(values: list[str], key: str) -> None:
    """Whatever stands in a metadata value or key, its escaped text finds it and nothing else."""
    objects = [{"id": str(n), "metadata": {key: value}} for n, value in enumerate(values)]
    for value in values:
        query = (
            f'metadata["{escaped(key)}"]:"{escaped(value)}" AND -metadata["{escaped(key)}_"]:"1"'
        )
        same = [str(n) for n, v in enumerate(values) if v.casefold() == value.casefold()]
        assert found(query, among=objects) == same
