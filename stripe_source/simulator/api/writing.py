"""POST and DELETE: finds the operation, checks its parameters, and shows what it made."""

from __future__ import annotations

from stripe_source.simulator.api import query, reading
from stripe_source.simulator.api.clocks import clock_of
from stripe_source.simulator.api.errors import ApiError, not_simulated, unknown_url
from stripe_source.simulator.api.keys import Key, require
from stripe_source.simulator.api.messages import Request, Response
from stripe_source.simulator.api.registry import Operation
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json


def respond(account: Account, version: str, key: Key, request: Request) -> Response:
    """Carry a write out; what it leaves in the account is settled with it."""
    found = account.registry.operation(request.method, request.path)
    if found is None:
        raise unknown_url(request.method, request.path)
    operation, ids = found
    require(key, f"rak_{operation.permission}_write", account.id)
    given = query.parse(query.form(request.body) or request.query)
    values = checked(operation, given)
    expand = values.pop("expand", [])
    account.journal.answering(request.id, request.headers.get("idempotency-key"))
    try:
        with account.on_test_clock(clock_of(account, operation.home, ids, values)):
            made = operation.handler(account, values, *ids)
        return reading.as_seen(account, version, made, expand)
    except ApiError as error:
        error.executed = not (error.code or "").startswith("parameter_")
        raise
    finally:
        account.journal.answered()
        account.catch_up()  # what it made due at once is not left for the next read to do
        account.settle()


def checked(operation: Operation, given: Json) -> Json:
    """The parameters with their types."""
    if operation.params is None:
        return given
    for name in operation.undone:
        if name in given:
            raise not_simulated(name)
    return query.checked(given, operation.params)
