"""Every action from Python, from the command line and over MCP, on two stand-ins for Stripe.

The simulator is ours; localstripe, by others, knows nothing of how we use Stripe. It has no search,
and no account to ask for.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import anyio.from_thread
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from stripe_source.actions.registry import action, names
from stripe_source.actions.session import connect
from tests.cli.conftest import ENDPOINT_RATE, RATE, SCRIPT
from tests.conftest import FAST
from tests.simulator.independent import servers

KEY = "sk_test_simulator0001"
Act = Callable[..., list[dict[str, Any]]]
SERVERS = {"simulator": servers.simulator, "localstripe": servers.localstripe}


@pytest.fixture(params=list(SERVERS))
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty account."""
    with SERVERS[request.param]() as url:
        yield url


@contextmanager
def from_python(url: str) -> Iterator[Act]:
    """Actions as objects."""
    with connect(KEY, api_base=url, **FAST) as session:

        def act(name: str, **fields: Any) -> list[dict[str, Any]]:
            done = action(name).of(fields).run(session)
            return [{"outcome": o.outcome, "id": o.id, "object": o.object} for o in done]

        yield act


@contextmanager
def from_the_command_line(url: str) -> Iterator[Act]:
    """Actions as commands, with ``--json``."""
    environment = os.environ | {
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": url,
        RATE: "5000",
        ENDPOINT_RATE: "5000",
    }

    def act(name: str, **fields: Any) -> list[dict[str, Any]]:
        command = [str(SCRIPT), *name.split(), *_arguments(fields), "--json"]
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert ran.returncode == 0, ran.stderr
        found = json.loads(ran.stdout)
        if name.startswith("get"):
            found = [found]
        if action(name).writes:
            return list(found)
        return [{"outcome": "found", "id": each["id"], "object": each} for each in found]

    yield act


@contextmanager
def over_mcp(url: str) -> Iterator[Act]:
    """Actions as an agent's tools, of the server as it is started by one."""
    environment = dict(os.environ) | {"STRIPE_SECRET_KEY": KEY, "STRIPE_API_BASE": url}
    started = StdioServerParameters(
        command=str(SCRIPT), args=["mcp", "--allow-writes"], env=environment
    )
    with (
        anyio.from_thread.start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(started)) as client,
    ):

        def act(name: str, **fields: Any) -> list[dict[str, Any]]:
            if fields.pop("matching_property", None) == "id":
                fields["id"] = fields.pop("matching_value")
            result = portal.call(client.call_tool, name.replace(" ", "_"), fields)
            assert not result.is_error, result.content[0].text
            done = json.loads(result.content[0].text)
            if action(name).writes:
                return list(done)
            return [{"outcome": "found", "id": each["id"], "object": each} for each in done]

        yield act


WAYS: dict[str, Callable[[str], AbstractContextManager[Act]]] = {
    "python": from_python,
    "command line": from_the_command_line,
    "mcp": over_mcp,
}


@pytest.fixture(params=list(WAYS))
def act(request: pytest.FixtureRequest, server: str) -> Iterator[Act]:
    """Carries out an action by its name, in one of three ways."""
    with WAYS[request.param](server) as acting:
        yield acting


def _arguments(fields: dict[str, Any]) -> Iterator[str]:
    """Fields as options."""
    if "matching_property" in fields:
        yield from ("--match", f"{fields['matching_property']}={fields['matching_value']}")
    for name, value in fields.items():
        flag = f"--{name.replace('_', '-')}"
        if name == "id":
            yield value
        elif name == "mappings":
            yield from (part for k, v in value.items() for part in ("--set", f"{k}={v}"))
        elif name == "filter":
            for each in value["conditions"]:
                yield from ("--where", each["field"], each.get("operator", "="), each["value"])
        elif value is True:
            yield flag
        elif not name.startswith("matching"):
            yield from (flag, str(value))


def where(field: str, value: str) -> dict[str, Any]:
    """A filter of one condition."""
    return {"conditions": [{"field": field, "value": value}]}


def test_customers(act: Act) -> None:
    """Made, found, changed, and deleted."""
    mappings = {"email": "ada@example.com", "address.city": "London", "metadata.crm_id": "7"}
    (made,) = act("insert customer", mappings=mappings)
    by_id = {"matching_property": "id", "matching_value": made["id"]}
    assert made["outcome"] == "created"
    (found,) = act("search customers", filter=where("email", "ada@example.com"), limit=5)
    assert (found["id"], found["object"]["address"]["city"]) == (made["id"], "London")
    (updated,) = act("update customers", **by_id, mappings={"address.city": "Bonn"})
    assert updated["outcome"] == "updated"
    (same,) = act("upsert customers", **by_id, mappings={"address.city": "Bonn"})
    assert same["outcome"] == "unchanged"
    (kept,) = act("update customers", **by_id, mappings={"address.city": "X"}, skip_if_exist=True)
    assert kept["outcome"] == "skipped"
    (now,) = act("get customer", id=made["id"])
    assert now["object"]["address"]["city"] == "Bonn"
    assert now["object"]["metadata"] == {"crm_id": "7"}
    (deleted,) = act("delete customers", **by_id)
    assert deleted["outcome"] == "deleted"
    assert act("search customers") == []


@pytest.mark.parametrize("act", ["python", "command line"], indirect=True)
@pytest.mark.parametrize("by", ["email", "metadata.crm_id"])
def test_upserts(act: Act, by: str) -> None:
    """By another property than the id, with search and without."""
    match = {"matching_property": by, "matching_value": "a@b.co"}
    (first,) = act("upsert customers", **match, mappings={"name": "Ada"})
    (second,) = act("upsert customers", **match, mappings={"name": "Ada"})
    (third,) = act("update customers", **match, mappings={"name": "Bea"}, all_matches=True)
    assert [o["outcome"] for o in (first, second, third)] == ["created", "unchanged", "updated"]
    assert first["id"] == second["id"] == third["id"]


@pytest.fixture
def bought(server: str) -> dict[str, str]:
    """The ids of a subscription, which no action makes, and of what belongs to it."""
    with connect(KEY, api_base=server, **FAST) as session:
        v1: Any = session.stripe.v1
        customer = v1.customers.create({"email": "a@b.co"}).id
        card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
        settings = {"invoice_settings": {"default_payment_method": card}}
        v1.customers.update(customer, settings)
        product = v1.products.create({"name": "Pro", "type": "service"}).id
        price = {"amount": 100, "currency": "usd", "interval": "month", "product": product}
        items = [{"plan": v1.plans.create(price).id}]
        made = v1.subscriptions.create({"customer": customer, "items": items})
        ids = {"customer": customer, "product": product, "subscription": made.id}
        return ids | {"invoice": str(made.latest_invoice)}


def test_subscriptions(act: Act, bought: dict[str, str]) -> None:
    """Found, and canceled: with the period, then at once."""
    subscription = bought["subscription"]
    assert [o["id"] for o in act("search subscriptions", limit=1)] == [subscription]
    found = act("search subscriptions", filter=where("customer", bought["customer"]))
    assert [o["id"] for o in found] == [subscription]
    assert act("get subscription", id=subscription)[0]["object"]["status"] == "active"
    (later,) = act("cancel subscription", id=subscription, at_period_end=True)
    assert later["outcome"] == "updated"
    assert act("get subscription", id=subscription)[0]["object"]["cancel_at_period_end"]
    (now,) = act("cancel subscription", id=subscription, prorate=True)
    assert now["outcome"] == "canceled"
    assert act("get subscription", id=subscription)[0]["object"]["status"] == "canceled"


def test_products_and_invoices(act: Act, bought: dict[str, str]) -> None:
    """Found by a filter of the list, and read."""
    assert [o["id"] for o in act("search products", limit=1)] == [bought["product"]]
    assert act("get product", id=bought["product"])[0]["object"]["name"] == "Pro"
    found = act("search invoices", filter=where("customer", bought["customer"]), limit=3)
    assert [o["id"] for o in found] == [bought["invoice"]]
    assert act("get invoice", id=bought["invoice"])[0]["object"]["total"] == 100


def test_no_action_is_left_out() -> None:
    """What is tried here is all that there is."""
    with open(__file__, encoding="utf-8") as text:
        tried = text.read()
    assert [name for name in names() if f'act("{name}"' not in tried] == []
