"""Parameters of writes: forms in every bracket style, their types, and what Stripe refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from stripe_source.simulator import Simulator
from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.api.metadata import merged
from stripe_source.simulator.api.query import checked, parse
from stripe_source.simulator.data.sdk_operations import SERVICES, all_operations

from .conftest import Wire

PARAMS = {f"{row['method']} {row['path']}": row["params"] for row in all_operations()}
SUBSCRIBE = "POST /v1/subscriptions"
CUSTOMER = "POST /v1/customers/{}"
PRICE = "POST /v1/prices"


def read(operation: str, form: str) -> dict[str, Any]:
    """A form as the operation's handler gets it."""
    return checked(parse(form), PARAMS[operation])


def refused(operation: str, form: str) -> tuple[str, str | None, str | None]:
    """Message, code and parameter of the refusal."""
    with pytest.raises(ApiError) as caught:
        read(operation, form)
    assert caught.value.status == 400
    return caught.value.message, caught.value.code, caught.value.param


def test_every_method_of_the_services_is_an_operation() -> None:
    """Each row of SERVICES gives as many operations as it names methods, each path once."""
    assert len(PARAMS) == sum(len(methods.split()) for methods in SERVICES.values())
    assert {"DELETE /v1/subscriptions/{}", "POST /v1/invoices/{}/send"} <= set(PARAMS)
    assert all(verb in ("POST", "DELETE") for verb in (name.split()[0] for name in PARAMS))


def test_every_operation_is_carried_out(own: Simulator) -> None:
    """Each has a handler, and each handler's parameters are checked."""
    carried = {f"{o.method} {'/'.join(o.segments)}": o for o in own.account.registry.operations}
    assert {name for name in PARAMS if "/test_clocks" not in name} <= set(carried)
    assert {name: o.params for name, o in carried.items()} == {n: PARAMS[n] for n in carried}


@pytest.mark.rule("1.4", "1.5a")
def test_forms_over_http(own_wire: Wire) -> None:
    """A form, empty or with unknown names, and parameters of a DELETE in its query."""
    made = own_wire.post("/v1/customers", {"metadata[a]": "1", "name": "", "expand[]": "tax_ids"})
    assert made.status == 200
    body = made.json()
    assert (body["metadata"], body["name"], body["tax_ids"]["data"]) == ({"a": "1"}, None, [])
    assert own_wire.post("/v1/customers").status == 200
    error = own_wire.post("/v1/customers", {"address[town]": "x"}).json()["error"]
    assert error["param"] == "address[town]"
    url = f"{own_wire.sim.url}/v1/customers/{body['id']}"
    auth = {"Authorization": f"Bearer {own_wire.sim.api_key}"}
    refused = own_wire.pool.request("DELETE", f"{url}?foo=1", headers=auth)
    assert refused.json()["error"]["code"] == "parameter_unknown"
    assert own_wire.pool.request("DELETE", url, headers=auth).json()["deleted"]


@pytest.mark.rule("1.5b")
def test_filters_of_lists_are_held_to_their_words(own_wire: Wire) -> None:
    """A list takes the same kinds: a status that there is not, and a text for a list."""
    error = own_wire.get("/v1/invoices?status=eaten").json()["error"]
    assert error["message"] == (
        "Invalid status: must be one of draft, open, paid, uncollectible, or void"
    )
    assert own_wire.get("/v1/events?types=invoice.paid").json()["error"]["param"] == "types"
    assert own_wire.get("/v1/customers?email=").json()["error"]["code"] == "parameter_invalid_empty"
    assert own_wire.get("/v1/invoices?status=paid&limit=3").status == 200


@pytest.mark.parametrize("form", [
    "items[0][price]=a&items[0][quantity]=2&items[1][price]=b",
    "items[1][price]=b&items[0][price]=a&items[0][quantity]=2",
    "items[][price]=a&items[][quantity]=2&items[][price]=b",
    "items%5B%5D%5Bprice%5D=a&items%5B%5D%5Bquantity%5D=2&items%5B%5D%5Bprice%5D=b",
])  # fmt: skip
def test_lists_of_hashes_in_every_bracket_style(form: str) -> None:
    """Indexed items come by their index; after [] a repeated key begins the next item."""
    items = [{"price": "a", "quantity": 2}, {"price": "b"}]
    assert read(SUBSCRIBE, f"customer=cus_1&{form}")["items"] == items


def test_lists_inside_lists() -> None:
    """A list within an item stays in it, in both styles."""
    for tax in (
        "[tax_rates][]=a&items[][tax_rates][]=b",
        "[tax_rates][0]=a&items[][tax_rates][1]=b",
    ):
        given = read(SUBSCRIBE, f"customer=c&items[][price]=p&items[]{tax}")
        assert given["items"] == [{"price": "p", "tax_rates": ["a", "b"]}]
    deep = "items[][price_data][currency]=usd&items[][price_data][product]=x&items[][price]=p"
    tree = parse(deep + "&items[][price_data][currency]=eur")["items"]
    assert [tree[n]["price_data"].get("currency") for n in tree] == ["usd", "eur"]


def test_values_have_the_types_of_their_parameters() -> None:
    """Whole numbers, truths, decimals and numbers-or-words arrive as what they are."""
    given = read(SUBSCRIBE, "customer=c&trial_end=now&off_session=true&days_until_due=30")
    assert given == {"customer": "c", "trial_end": "now", "off_session": True, "days_until_due": 30}
    assert read(SUBSCRIBE, "customer=c&trial_end=1700000000")["trial_end"] == 1_700_000_000
    tiers = "tiers[0][up_to]=5&tiers[0][unit_amount_decimal]=0.500&tiers[1][up_to]=inf"
    assert read(PRICE, f"currency=usd&{tiers}")["tiers"] == [
        {"up_to": 5, "unit_amount_decimal": "0.5"},
        {"up_to": "inf"},
    ]
    assert read("POST /v1/coupons", "percent_off=33.3") == {"percent_off": 33.3}
    plan = "currency=usd&interval=month&product"
    assert read("POST /v1/plans", f"{plan}=prod_1")["product"] == "prod_1"
    assert read("POST /v1/plans", f"{plan}[name]=x")["product"] == {"name": "x"}


@pytest.mark.rule("3.1d")
def test_the_empty_text_unsets() -> None:
    """What can be unset arrives as None; in metadata an empty value stays, to delete its key."""
    given = read(CUSTOMER, "address=&description=&metadata[a]=&metadata[b]=1&shipping=")
    assert given == {
        "address": None,
        "description": None,
        "metadata": {"a": "", "b": "1"},
        "shipping": None,
    }
    assert read(CUSTOMER, "metadata=") == {"metadata": None}
    message, code, param = refused("POST /v1/products", "name=")
    assert message.startswith("You passed an empty string for 'name'.")
    assert (code, param) == ("parameter_invalid_empty", "name")


@pytest.mark.rule("1.5a")
def test_unknown_parameters_are_named_in_full() -> None:
    """The whole bracket name, all of them, and what may have been meant."""
    assert refused(SUBSCRIBE, "customer=c&items[0][foo]=1") == (
        "Received unknown parameter: items[0][foo]",
        "parameter_unknown",
        "items[0][foo]",
    )
    assert refused(CUSTOMER, "xyz=1&uvw[a]=2")[0] == "Received unknown parameters: xyz, uvw[a]"
    assert refused(CUSTOMER, "emial=1")[0] == (
        "Received unknown parameter: emial. Did you mean email?"
    )


def test_missing_parameters() -> None:
    """A mandatory one that is absent, at the top and in a hash."""
    assert refused(PRICE, "product=p") == (
        "Missing required param: currency.",
        "parameter_missing",
        "currency",
    )
    message = refused(SUBSCRIBE, "customer=c&items[0][price_data][currency]=usd")[0]
    assert message == "Missing required param: items[0][price_data][product]."


@pytest.mark.rule("1.5b")
@pytest.mark.parametrize(("operation", "form", "message", "param"), [
    (PRICE, "currency=usd&unit_amount=x", "Invalid integer: x", "unit_amount"),
    (PRICE, "currency=usd&unit_amount=1_0", "Invalid integer: 1_0", "unit_amount"),
    (PRICE, "currency=usd&unit_amount_decimal=1_0", "Invalid decimal: 1_0", "unit_amount_decimal"),
    (PRICE, "currency=usd&active=maybe", "Invalid boolean: maybe", "active"),
    (PRICE, "currency=usd&unit_amount_decimal=1e", "Invalid decimal: 1e", "unit_amount_decimal"),
    (PRICE, "currency=usd&unit_amount_decimal=nan", "Invalid decimal: nan", "unit_amount_decimal"),
    (PRICE, "currency=usd&unit_amount=9223372036854775808",
     "Invalid integer: 9223372036854775808", "unit_amount"),
    (PRICE, "currency=usd&unit_amount_decimal=1e99999999", "Invalid decimal: 1e99999999",
     "unit_amount_decimal"),
    (PRICE, "currency=usd&unit_amount_decimal=1e-99999999", "Invalid decimal: 1e-99999999",
     "unit_amount_decimal"),
    (PRICE, "currency=usd&unit_amount=100000000", "Amount must be no more than $999,999.99",
     "unit_amount"),
    (SUBSCRIBE, "customer=c&items[0][quantity]=-1",
     "This value must be greater than or equal to 0.", "items[0][quantity]"),
    (SUBSCRIBE, "customer=c&trial_end=99999999999",
     "This value must be less than or equal to 4102444800.", "trial_end"),
    (SUBSCRIBE, "customer=c&items[%s][price]=x" % ("9" * 5000), "Invalid array", "items"),
    (PRICE, "currency=usd&recurring[interval]=hour",
     "Invalid recurring[interval]: must be one of day, month, week, or year",
     "recurring[interval]"),
    (SUBSCRIBE, "customer=c&proration_behavior=x",
     "Invalid proration_behavior: must be one of always_invoice, create_prorations, or none",
     "proration_behavior"),
    (PRICE, "currency=usd&billing_scheme=x",
     "Invalid billing_scheme: must be one of per_unit or tiered", "billing_scheme"),
    (CUSTOMER, "address=home", "Invalid object", "address"),
    (CUSTOMER, "metadata=x", "Invalid object", "metadata"),
    (CUSTOMER, "name[first]=x", 'Invalid string: {"first":"x"}', "name"),
    (SUBSCRIBE, "customer=c&items=x", "Invalid array", "items"),
    (SUBSCRIBE, "customer=c&items[a][price]=x", "Invalid array", "items"),
    (CUSTOMER, "metadata[a][b]=x", 'Invalid string: {"b":"x"}', "metadata[a]"),
])  # fmt: skip
def test_values_of_the_wrong_kind(operation: str, form: str, message: str, param: str) -> None:
    """Each with Stripe's text and the full name of the parameter."""
    assert refused(operation, form)[::2] == (message, param)


@pytest.mark.rule("3.1c")
def test_what_metadata_may_hold() -> None:
    """At most 50 keys of 40 characters with values of 500, what is there already included."""
    fits = "&".join(f"metadata[{n:040d}]={quote('ü' * 500)}" for n in range(50))
    assert len(read(CUSTOMER, fits)["metadata"]) == 50
    assert refused(CUSTOMER, f"{fits}&metadata[x]=1")[0].startswith(
        "Metadata can have up to 50 keys, but you've set 51."
    )
    assert refused(CUSTOMER, f"metadata[{'k' * 41}]=1")[0].startswith(
        "Metadata keys can have up to 40 characters, but you passed in a key that is 41"
    )
    assert refused(CUSTOMER, f"metadata[k]={'v' * 501}")[0].startswith(
        "Metadata values can have up to 500 characters, but you passed in a value that is 501"
    )
    full = {str(n): "x" for n in range(50)}
    assert merged(full, {"0": "", "new": "y"}) == {str(n): "x" for n in range(1, 50)} | {"new": "y"}
    assert merged(full, None) == {}
    with pytest.raises(ApiError, match="but you've set 51"):
        merged(full, {"new": "y"})
