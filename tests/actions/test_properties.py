"""Properties by path are checked against Stripe's own parameters, compared and sent."""

from datetime import time
from decimal import Decimal
from typing import Any

import pytest

from stripe_source.actions.outcome import Change
from stripe_source.actions.properties import at, difference, dotted, nested, schema_of, sent, typed
from stripe_source.errors import UsageError
from stripe_source.schema.params import params

ADA = {
    "id": "cus_1",
    "email": "ada@example.com",
    "name": None,
    "balance": 0,
    "address": {"city": "London", "line1": "12 Square", "line2": None, "country": "GB"},
    "metadata": {"crm_id": "7", "a.b": "c"},
    "preferred_locales": [],
}


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"address": {"city": "Bonn"}}, {"address.city": "Bonn"}),
        ({"address[city]": "Bonn"}, {"address.city": "Bonn"}),
        ({"address__city": "Bonn"}, {"address.city": "Bonn"}),
        ({"metadata[crm_id]": 7}, {"metadata.crm_id": "7"}),
        ({"metadata__crm_id": Decimal("7.10")}, {"metadata.crm_id": "7.10"}),
        ({"metadata": {"a.b": True}}, {"metadata.a.b": "true"}),
        ({"balance": "-100"}, {"balance": -100}),
        ({"balance": ""}, {"balance": ""}),
        (
            {"balance": 5.0, "next_invoice_sequence": Decimal("5.00")},
            {"balance": 5, "next_invoice_sequence": 5},
        ),
        (
            {"metadata": {"f": 7.0, "g": 0.25, "h": 1e-9}},
            {"metadata.f": "7", "metadata.g": "0.25", "metadata.h": "0.000000001"},
        ),
        ({"metadata.at": time(9, 30)}, {"metadata.at": "09:30:00"}),
        ({"name": None, "phone": ""}, {"phone": ""}),
        ({"preferred_locales": "de, en"}, {"preferred_locales": ["de", "en"]}),
        ({"preferred_locales": '["de"]'}, {"preferred_locales": ["de"]}),
        ({"validate": "TRUE"}, {"validate": True}),
        ({"tax_exempt": "reverse"}, {"tax_exempt": "reverse"}),
    ],
)
def test_what_is_given_is_typed(given: dict[str, Any], values: dict[str, Any]) -> None:
    """Paths may be written Stripe's, dlt's or JSON's way; texts become what Stripe takes."""
    assert typed(given, "customer_create") == values


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"emial": "x"}, "there is no property 'emial'; did you mean 'email'?"),
        ({"adress.city": "x"}, "there is no property 'adress.city'; did you mean 'address.city'?"),
        ({"address": "London"}, "address is set by its parts: address.city, address.country"),
        ({"metadata": "x"}, "metadata is set by key: metadata.KEY"),
        ({"email": "ada"}, "email is no email address: 'ada'"),
        ({"email": "a b@example.com"}, "email is no email address"),
        ({"balance": "1.5"}, "balance is a whole number, not '1.5'"),
        ({"balance": True}, "balance is a whole number, not True"),
        ({"balance": "9" * 30}, "balance is a whole number"),
        ({"tax_exempt": "yes"}, "tax_exempt is one of exempt, none, reverse, not 'yes'"),
        ({"name": ["a"]}, "name is one value, not ['a']"),
        ({"preferred_locales": "[1"}, "preferred_locales is no list"),
        ({"validate": "maybe"}, "validate is true or false"),
        ({"metadata.x": float("nan")}, "metadata.x is no exact number: nan; give it as text"),
        ({"metadata.x": 1e20}, "is no exact number"),
        ({"metadata.x[y]": 1}, "Stripe takes no brackets in a key: metadata.x[y]"),
        ({"name": "\udcff"}, "name is no text in UTF-8"),
        ({"address.city": "A", "address__city": "B"}, "address.city is given twice"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], line: str) -> None:
    """Each in one line that names the property, and what it takes."""
    with pytest.raises(UsageError) as refused:
        typed(given, "customer_create")
    assert line in str(refused.value)


def test_the_properties_are_the_ones_of_the_sdk() -> None:
    """Each of the SDK's parameters is there; what a customer only begins with, not in updates."""
    made, changed = params("customer_create"), params("customer_update")
    assert len(made) > 30
    assert set(made) - set(changed) == {"payment_method", "tax_id_data", "test_clock"}
    with pytest.raises(UsageError, match="no property 'test_clock'"):
        typed({"test_clock": "clock_1"}, "customer_update")


def test_what_differs() -> None:
    """Only what would change counts; empty and absent are the same."""
    wanted = {
        "email": "ada@example.com",
        "name": "",
        "balance": 0,
        "address.line2": "",
        "preferred_locales": [],
        "metadata.new": "",
        "address.city": "Bonn",
        "metadata.crm_id": "8",
    }
    assert difference(ADA, wanted) == {
        "address.city": Change("London", "Bonn"),
        "metadata.crm_id": Change("7", "8"),
    }


def test_only_what_is_empty() -> None:
    """With ``only_empty`` a property that has a value keeps it; 0 is a value."""
    wanted = {"email": "x@example.com", "name": "Ada", "balance": 5, "address.line2": "back"}
    changes = difference(ADA, wanted, only_empty=True)
    assert list(changes) == ["name", "address.line2"]


def test_what_cannot_be_seen_is_sent() -> None:
    """A card's token is in no answer, so that it always counts as a change."""
    assert list(difference(ADA, {"source": "tok_visa", "email": "ada@example.com"})) == ["source"]


def test_a_hash_is_sent_whole() -> None:
    """Beside the changed city goes the rest of the address, but no more of the metadata."""
    changes = {"address.city": Change("London", "Bonn"), "metadata.a.b": Change("c", None)}
    assert sent(ADA, changes, "customer_update") == {
        "address": {"city": "Bonn", "line1": "12 Square", "country": "GB"},
        "metadata": {"a.b": ""},
    }


def test_paths() -> None:
    """Metadata keys are as they are, whatever is in them."""
    assert at(ADA, "metadata.a.b") == "c"
    assert at(ADA, "address.city") == "London"
    assert at(ADA, "shipping.address.city") is None
    assert nested({"metadata.a.b": 1, "shipping.address.city": 2}) == {
        "metadata": {"a.b": 1},
        "shipping": {"address": {"city": 2}},
    }
    assert dotted("metadata.a__b") == "metadata.a__b"


def test_the_schema_names_every_property() -> None:
    """So that a form can offer them; what has choices shows them."""
    known = schema_of("customer_create")["properties"]
    assert known["tax_exempt"]["enum"] == ["exempt", "none", "reverse", "", None]
    assert known["balance"]["type"] == ["integer", "null"]
    assert "address.city" in known
    assert "metadata" not in known
