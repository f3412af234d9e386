"""An MCP server of the actions, over standard input and output.

Source: https://modelcontextprotocol.io, by its official package.
"""

import json
import logging
from functools import partial
from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from stripe_source.actions.session import Session
from stripe_source.actions.tools import call, description, schema, tools
from stripe_source.errors import StripeSourceError
from stripe_source.settings import VERSION

INSTRUCTIONS = (
    "Objects are as Stripe's API shows them, without what is empty: amounts in minor units "
    "(cents), times in Unix seconds. Search by conditions (field, operator, value) or by a query "
    "of Stripe's search. Properties are set by path: address.city, metadata.KEY."
)
log = logging.getLogger("stripe_source")


def serve(session: Session, *, writes: bool) -> None:
    """Serve until the input ends."""
    anyio.run(partial(_serve, session, writes=writes))


async def _serve(session: Session, *, writes: bool) -> None:
    server = make_server(session, writes=writes)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def make_server(session: Session, *, writes: bool) -> Server[Any]:
    """The server, to run over any transport. A call that fails is answered with its one line."""

    async def listed(*_: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_tool(name) for name in tools(writes=writes)])

    async def called(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        doing = partial(call, session, params.name, params.arguments or {}, writes=writes)
        try:
            done = await anyio.to_thread.run_sync(doing)
        except StripeSourceError as refusal:
            return _result(session.client.connection.key.redact(str(refusal)), is_error=True)
        except Exception as failure:  # whatever an agent makes up, the server goes on
            log.exception("the call of %s failed", params.name)
            return _result(f"the call failed: {type(failure).__name__}", is_error=True)
        return _result(json.dumps(done, ensure_ascii=False, default=str))

    return Server(
        "stripe-source",
        version=VERSION,
        instructions=INSTRUCTIONS,
        on_list_tools=listed,
        on_call_tool=called,
    )


def _tool(name: str) -> types.Tool:
    action = tools(writes=True)[name]
    hints = types.ToolAnnotations(
        read_only_hint=not action.writes,
        destructive_hint=action.writes and action.again != "twice",
        idempotent_hint=action.again != "twice",
        open_world_hint=True,
    )
    return types.Tool(
        name=name,
        title=action.title(),
        description=description(action),
        input_schema=schema(action),
        annotations=hints,
    )


def _result(text: str, *, is_error: bool = False) -> types.CallToolResult:
    content: list[Any] = [types.TextContent(type="text", text=text)]
    return types.CallToolResult(content=content, is_error=is_error)
