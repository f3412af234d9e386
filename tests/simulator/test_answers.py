"""Every answer to a read, over HTTP, against the SDK's annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from stripe_source.simulator import Simulator
from stripe_source.simulator.api.expansion import MAX_DEPTH
from stripe_source.simulator.api.registry import Resource

from .conftest import Wire
from .declared import Declared


@pytest.fixture(scope="module")
def declared() -> Declared:
    """From the SDK's sources."""
    return Declared()


def asking(sim: Simulator) -> Iterator[tuple[str, str, Resource]]:
    """Each list once for each of up to three parents: its path, its query, what it lists."""
    for path, resource in sim.account.registry.resources.items():
        for parent in parents(sim, path):
            filled = path.partition("{")[0] + parent + path.partition("}")[2]
            yield (filled if parent else path), "&".join(needed(sim, resource)), resource


def parents(sim: Simulator, path: str) -> list[str]:
    """The ids that may stand in a path; one empty text where none is asked for."""
    if "{" not in path:
        return [""]
    there = sim.account.objects(path.partition("/{")[0])
    there.sort(key=lambda each: not each.get("amount_refunded"))  # charges with refunds come first
    return [each["id"] for each in there[:40]]


OF = {"subscription": "/v1/subscriptions", "setup_intent": "/v1/setup_intents",
      "value_list": "/v1/radar/value_lists", "card": "/v1/issuing/cards",
      "financial_account": "/v1/treasury/financial_accounts", "customer": "/v1/customers",
      "payment_record": "/v1/payment_records", "invoice": "/v1/invoices",
      "account": "/v1/financial_connections/accounts"}  # fmt: skip
WORDS = {"scope": "scope[type]=account", "type": "type=performance", "start_time": "start_time=1",
         "end_time": "end_time=2000000000"}  # fmt: skip
BARE = {
    "/v1/payment_intents/{intent}/amount_details_line_items",
    "/v1/quotes/{quote}/computed_upfront_line_items",
    "/v1/sources/{source}/source_transactions",
    "/v1/tax/calculations/{calculation}/line_items",
    "/v1/tax/transactions/{transaction}/line_items",
}
"""Lists below objects that no list has, or that have none of them."""


def needed(sim: Simulator, resource: Resource) -> Iterator[str]:
    """The mandatory parameters of a list, filled in."""
    for name in resource.params:
        if name.endswith("!"):
            param = name.rstrip("!")
            if param in OF:
                yield f"{param}={sim.account.objects(OF[param])[0]['id']}"
            elif param == "ownership":
                owners = sim.account.objects("#financial_connections.account_owner")
                yield f"{param}={owners[0]['ownership']}"
            else:
                yield WORDS[param]


def test_every_page_of_every_list(sim: Simulator, wire: Wire, declared: Declared) -> None:
    """The rows of each list, those below a parent included, are as declared."""
    found, shown = set(), set()
    for path, query, resource in asking(sim):
        limited = "limit" in resource.params
        rows = wire.all(f"{path}?{query}") if limited else wire.get(path).json()["data"]
        found |= {fault for row in rows for fault in declared.faults(row)}
        shown |= {resource.path} if rows else set()
    assert not found, sorted(found)[:20]
    assert set(sim.account.registry.resources) - shown == BARE


def test_objects_by_their_ids(sim: Simulator, wire: Wire, declared: Declared) -> None:
    """An object that is read by its id is as declared, and what its list shows."""
    for path, query, _ in asking(sim):
        for row in wire.get(f"{path}?{query}").json()["data"]:
            if "id" not in row or row["object"] == "event":
                continue
            answer = wire.get(f"{path}/{row['id']}")
            assert answer.status == 200, path
            assert not list(declared.faults(answer.json()))
            assert answer.json() == row


@pytest.mark.rule("5.1a")
def test_what_searches_find(sim: Simulator, wire: Wire, declared: Declared) -> None:
    """Each of the seven searches shows objects as declared, expanded ones too."""
    sim.account.advance(sim.config.search_lag)
    query = quote('-metadata["none"]:"such"')
    assert len(sim.account.registry.search) == 7
    for name in sim.account.registry.search:
        paths = set(expandable(declared, declared.shapes[name], MAX_DEPTH - 1))
        asked = "&".join(f"expand[]=data.{each}" for each in sorted(paths))
        path = f"{sim.account.registry.home(name)}/search?query={query}&limit=100"
        for seen, more in ((frozenset(), ""), (frozenset(paths), f"&{asked}")):
            rows = wire.get(path + more).json()["data"]
            shown = Declared(declared.shapes, seen)
            assert rows
            assert not [fault for row in rows for fault in shown.faults(row)]


def test_singletons(sim: Simulator, wire: Wire, declared: Declared) -> None:
    """What an account has one of is as declared."""
    for path in sim.account.registry.singletons:
        assert not list(declared.faults(wire.get(path).json())), path


def test_objects_in_events(wire: Wire, declared: Declared) -> None:
    """What an event tells of is a whole object as declared, and so are the fields before."""
    kinds = set()
    for event in wire.all("/v1/events"):
        told = event["data"]["object"]
        faults = set(declared.faults(told))
        if event["type"] == "invoice.upcoming":  # it is not there yet, and has no id
            faults.discard("invoice.id is null or missing")
        assert not faults, event["type"]
        names = {name.rstrip("?") for name in declared.shapes[told["object"]]}
        assert set(event["data"].get("previous_attributes", {})) <= names
        kinds.add(event["type"])
    assert len(kinds) > 25


def expandable(declared: Declared, fields: Any, depth: int, path: str = "") -> Iterator[str]:
    """The paths of all references in a shape, down to so many names, each one level deep."""
    if depth <= 0:
        return
    for name, kind in fields.items():
        step = f"{path}{name.rstrip('?')}"
        inner = kind
        while isinstance(inner, dict) and "array" in inner:
            inner = inner["array"]
        if not isinstance(inner, dict):
            continue
        if "id" in inner:
            yield step
        elif "object" in inner:
            yield from expandable(declared, inner["object"], depth - 1, f"{step}.")
        elif "embed" in inner and len(inner["embed"]) == 1:
            yield from expandable(
                declared, declared.shapes[inner["embed"][0]], depth - 1, f"{step}."
            )
        elif "list" in inner:
            yield step
            for each in inner["list"]:
                yield from expandable(declared, declared.shapes[each], depth - 2, f"{step}.data.")


@pytest.mark.rule("2.11a")
def test_every_expansion(sim: Simulator, wire: Wire, declared: Declared) -> None:
    """Each reference of each listed object can be expanded, and is then an object as declared."""
    found = {}
    for path, query, resource in asking(sim):
        for name in resource.objects:
            paths = set(expandable(declared, declared.shapes[name], MAX_DEPTH - 1))
            if not paths:
                continue
            asked = "&".join(f"expand[]=data.{each}" for each in sorted(paths))
            answer = wire.get(f"{path}?{query}&{asked}")
            assert answer.status == 200, (path, answer.json())
            seen = Declared(declared.shapes, frozenset(paths))
            for row in answer.json()["data"]:
                for fault in seen.faults(row):
                    found[fault] = path
    assert not found, sorted(found.items())[:20]
