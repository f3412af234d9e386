"""An agent may read; what it may write, and how, is narrow."""

import json
from collections.abc import Iterator
from typing import Any

import anyio.from_thread
import jsonschema
import pytest
from mcp import Client

from stripe_source.actions.registry import actions
from stripe_source.actions.server import make_server
from stripe_source.actions.session import Session
from stripe_source.actions.tools import schema, tools
from stripe_source.simulator import Simulator
from tests.actions.conftest import Connect, Made, customers, writes


class Agent:
    """A client of the server, as an agent's program is one."""

    def __init__(self, portal: Any, client: Client) -> None:
        self.portal, self.client = portal, client

    def tools(self) -> list[Any]:
        """What it is offered."""
        return list(self.portal.call(self.client.list_tools).tools)

    def call(self, name: str, **arguments: Any) -> tuple[bool, str]:
        """Whether a call failed, and its text."""
        result = self.portal.call(self.client.call_tool, name, arguments)
        return result.is_error, result.content[0].text


@pytest.fixture
def agent() -> Iterator[Any]:
    """Makes agents at a session."""
    with anyio.from_thread.start_blocking_portal() as portal:
        opened = []

        def make(session: Session, *, writes: bool) -> Agent:
            manager = portal.wrap_async_context_manager(Client(make_server(session, writes=writes)))
            opened.append(manager)
            return Agent(portal, manager.__enter__())

        yield make
        for manager in reversed(opened):
            manager.__exit__(None, None, None)


def test_it_reads_alone(session: Session, account: Simulator, agent: Any) -> None:
    """Without leave to write no such tool is offered, and none can be called."""
    reader = agent(session, writes=False)
    offered = reader.tools()
    assert {tool.name for tool in offered} == {
        f"{verb}_{noun}"
        for verb, nouns in {
            "get": ("customer", "invoice", "product", "subscription"),
            "search": ("customers", "invoices", "products", "subscriptions"),
        }.items()
        for noun in nouns
    }
    assert all(tool.annotations.read_only_hint for tool in offered)
    failed, text = reader.call("delete_customers", id=customers(account)[0]["id"])
    assert (failed, "this server only reads" in text) == (True, True)
    failed, text = reader.call("search_customers", limit=2)
    assert not failed
    assert len(json.loads(text)) == 2
    assert writes(account) == []


def test_it_writes_by_id(session: Session, account: Simulator, agent: Any) -> None:
    """One object at a time: no matching by value, and never all that match."""
    writer = agent(session, writes=True)
    customer = customers(account)[0]["id"]
    update = next(tool for tool in writer.tools() if tool.name == "update_customers")
    assert update.input_schema["required"] == ["id", "mappings"]
    assert not {"all_matches", "matching_property"} & set(update.input_schema["properties"])
    for forbidden in (
        {"matching_property": "email", "matching_value": "a@b.co"},
        {"id": customer, "all_matches": True},
    ):
        failed, text = writer.call("update_customers", **forbidden, mappings={"name": "x"})
        assert (failed, "they write by id" in text) == (True, True)
    failed, text = writer.call("update_customers", id=customer, mappings={"name": "x"})
    assert not failed
    assert json.loads(text)[0]["outcome"] == "updated"
    deleting = next(tool for tool in writer.tools() if tool.name == "delete_customers")
    assert deleting.annotations.destructive_hint


@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("update_customers", {"mappings": {"name": "x"}}, "the id is missing"),
        ("update_customers", {"id": "cus_no", "mappings": {"name": "x"}}, "No such customer"),
        ("update_customers", {"id": "cus_no", "mappings": {"nam": "x"}}, "did you mean 'name'?"),
        ("get_customer", {"id": 5}, "id: Input should be a valid string"),
        ("get_custmer", {"id": "cus_1"}, "there is no tool 'get_custmer'; did you mean"),
        ("search_customers", {"limit": 1000}, "limit: Input should be less than or equal to 100"),
    ],
)
def test_what_cannot_be_is_answered(
    session: Session, agent: Any, name: str, arguments: dict[str, Any], line: str
) -> None:
    """In one line that the agent can act on; the server goes on."""
    writer = agent(session, writes=True)
    failed, text = writer.call(name, **arguments)
    assert failed
    assert line in text
    assert not writer.call("search_customers", limit=1)[0]


def test_a_live_account(made: Made, connected: Connect, agent: Any) -> None:
    """Nobody can be asked, so that writes need the server's leave."""
    simulator = made(livemode=True)
    writer = agent(connected(simulator), writes=True)
    failed, text = writer.call("insert_customer", mappings={"name": "x"})
    assert (failed, "say --live" in text, writes(simulator)) == (True, True, [])


def test_schemas_are_schemas() -> None:
    """Every tool's arguments are described in valid JSON Schema, each with what it is."""
    for action in actions().values():
        for described in (schema(action), action.model_json_schema()):
            jsonschema.Draft202012Validator.check_schema(described)
            for name, each in described["properties"].items():
                assert each.get("description"), (action.name(), name)


def test_a_schema_takes_what_the_action_takes() -> None:
    """What fits the schema is a good call, and what does not is none."""
    update = schema(tools(writes=True)["update_customers"])
    good = {"id": "cus_1", "mappings": {"address.city": "Bonn", "metadata.x": 1, "balance": 5}}
    jsonschema.validate(good, update)
    missing = {"mappings": {"name": "x"}}
    for bad in (missing, good | {"id": ""}, good | {"x": 1}, good | {"mappings": {"balance": {}}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, update)
