"""POST and DELETE: customers and subscriptions for now."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError, resource_missing, unknown_url
from stripe_source.simulator.api.routes import Route
from stripe_source.simulator.shapes import blank
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

TEXTS = ("name", "email", "description", "phone", "tax_exempt", "business_name", "individual_name")


def write(account: Account, method: str, found: Route, given: Json) -> Json:
    """The object as it is after the request."""
    path, identifier = found.resource.path, found.identifier
    if path == "/v1/customers" and found.parent is None:
        if method == "POST" and identifier is None:
            return create_customer(account, given)
        if method == "POST" and identifier is not None:
            _must_exist(account, found)
            return update_customer(account, identifier, given)
        if method == "DELETE" and identifier is not None:
            _must_exist(account, found)
            return delete_customer(account, identifier)
    if path == "/v1/subscriptions" and method == "DELETE" and identifier is not None:
        _must_exist(account, found)
        return cancel(account, identifier, given)
    raise unknown_url(method, path)


def _must_exist(account: Account, found: Route) -> None:
    assert found.identifier is not None
    if found.identifier not in account.collection(found.resource.path).by_id:
        raise resource_missing(found.resource.objects[0], found.identifier)


def create_customer(account: Account, given: Json) -> Json:
    """A new customer; the event follows by itself."""
    made = blank(
        "customer",
        id=account.ids.new("cus", 14),
        created=account.clock.now,
        livemode=account.config.livemode,
        balance=0,
        delinquent=False,
        metadata={},
        tax_exempt="none",
    )
    made.update(customer_fields(made, given))
    return account.insert("/v1/customers", made)


def update_customer(account: Account, identifier: str, given: Json) -> Json:
    """Changed fields only; metadata is merged and an empty value deletes a key."""
    current = account.collection("/v1/customers").by_id[identifier].data
    return account.update("/v1/customers", identifier, customer_fields(current, given))


def customer_fields(current: Json, given: Json) -> Json:
    """The fields that a form names, in the types of the object."""
    fields: Json = {}
    for name, value in given.items():
        if name in TEXTS:
            fields[name] = value or None
        elif name == "metadata":
            merged = dict(current.get("metadata") or {})
            merged.update(value if isinstance(value, dict) else {})
            fields[name] = {k: v for k, v in merged.items() if v != ""}
        elif name == "balance":
            fields[name] = int(value)
        elif name in ("address", "shipping"):
            fields[name] = (current.get(name) or {}) | value if value else None
        elif name != "expand":
            raise ApiError(
                400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )
    return fields


def delete_customer(account: Account, identifier: str) -> Json:
    """Gone from lists, with its subscriptions canceled first, each with its event."""
    rows = list(account.collection("/v1/subscriptions").where("customer", identifier))
    for row in rows:
        if row.data["status"] not in ("canceled", "incomplete_expired"):
            cancel(account, row.id, {})
    return account.delete("/v1/customers", identifier)


def cancel(account: Account, identifier: str, given: Json) -> Json:
    """Cancel at once; a second time is a 404 (reference: stripe_behaviour.md, 3)."""
    current = account.collection("/v1/subscriptions").by_id[identifier].data
    if current["status"] == "canceled":
        raise resource_missing("subscription", identifier)
    now = account.clock.now
    named = given.get("cancellation_details") or {}
    details = dict(current["cancellation_details"] or {}) | named
    details["reason"] = "cancellation_requested"
    changes = {
        "status": "canceled",
        "canceled_at": now,
        "ended_at": now,
        "cancellation_details": details,
    }
    return account.update("/v1/subscriptions", identifier, changes, event="deleted")
