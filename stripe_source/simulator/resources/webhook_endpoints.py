"""Webhook endpoints: kept, never called. The secret is told once, at creation."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError
from stripe_source.simulator.billing.making import new
from stripe_source.simulator.resources.fields import changed_fields, new_fields
from stripe_source.simulator.resources.lookup import existing
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.events import actions_of
from stripe_source.simulator.types import Json


def create(account: Account, given: Json) -> Json:
    """An enabled endpoint."""
    check(given)
    fields = new_fields("webhook_endpoint", {k: v for k, v in given.items() if k != "connect"})
    made = account.add(new(account, "webhook_endpoint", "we", status="enabled") | fields)
    return made | {"secret": account.ids.new("whsec", 32)}


def check(given: Json) -> None:
    """An address on the web, and types of events that there are."""
    url: str | None = given.get("url")
    if url is not None and not url.startswith(("http://", "https://")):
        raise ApiError(
            400, "Invalid URL: An explicit scheme (such as https) must be provided.",
            code="url_invalid", param="url",
        )  # fmt: skip
    known = {f"{prefix}.{action}" for prefix, actions in actions_of().items() for action in actions}
    for number, kind in enumerate(given.get("enabled_events", [])):
        if kind != "*" and kind not in known:
            text = f"Invalid enabled_events[{number}]: {kind} is not a type of event"
            raise ApiError(400, text, param=f"enabled_events[{number}]")


def update(account: Account, given: Json, identifier: str) -> Json:
    """``disabled`` is shown as the status."""
    endpoint = existing(account, "webhook_endpoint", identifier)
    check(given)
    changes = changed_fields(endpoint, {k: v for k, v in given.items() if k != "disabled"})
    if "disabled" in given:
        changes["status"] = "disabled" if given["disabled"] else "enabled"
    return account.modify(endpoint, changes)


def delete(account: Account, given: Json, identifier: str) -> Json:
    """Nothing is left but the stub in the answer."""
    return account.remove(existing(account, "webhook_endpoint", identifier))


OPERATIONS = {
    "POST /v1/webhook_endpoints": create,
    "POST /v1/webhook_endpoints/{}": update,
    "DELETE /v1/webhook_endpoints/{}": delete,
}
