"""What the official SDK reads, as rows of the tables: worked out independently."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import stripe

from stripe_source.catalog import Resource
from stripe_source.schema import load_schema
from stripe_source.simulator import Simulator
from stripe_source.tables.layout import Place, Table

SERVICES = {
    "invoiceitems": "invoice_items",
    "apple_pay/domains": "apple_pay_domains",
}


def sdk_rows(simulator: Simulator, resource: Resource) -> list[Any]:
    """Every object of a list, read by the SDK's own paging."""
    client = stripe.StripeClient(
        simulator.api_key, base_addresses={"api": simulator.url}, max_network_retries=0
    )
    if resource.single:
        return [client.v1.accounts.retrieve_current()]
    name = resource.path.removeprefix("/v1/")
    service: Any = client.v1
    for part in SERVICES.get(name, name).split("/"):
        service = getattr(service, part)
    params: dict[str, Any] = dict(resource.params)
    if resource.paged:
        params["limit"] = 100
    if resource.expand:
        params["expand"] = [f"data.{field}" for field in resource.expand]
    rows = list(service.list(params).auto_paging_iter())
    if resource.name == "payouts":
        for row in rows:
            _add_transactions(client, row)
    return rows


def _add_transactions(client: stripe.StripeClient, payout: Any) -> None:
    """What an automatic payout paid out, which the payout itself does not show."""
    if payout["automatic"]:
        asked: Any = {"payout": payout["id"], "limit": 100}
        payout["balance_transactions"] = client.v1.balance_transactions.list(asked)


def expected(table: Table, rows: list[Any]) -> Iterator[dict[str, Any]]:
    """The rows of a table, from the objects that the SDK read."""
    for place in table.places:
        for row in rows:
            for position, item in enumerate(_items(row, place)):
                found = _columns(table, item)
                if table.parent_id:
                    found |= {table.parent_id: row["id"], "_list_index": position}
                yield found


def _items(row: Any, place: Place) -> list[Any]:
    if place.kind == "own":
        return [row]
    owners = [row]
    if place.through:
        owners = list(_walk(row, place.through).auto_paging_iter())
    found: list[Any] = []
    for owner in owners:
        value = _walk(owner, place.field)
        if place.kind == "list":
            found += list(value.auto_paging_iter()) if value is not None else []
        else:
            found += value if isinstance(value, list) else [value]
    return [item for item in found if item is not None and not isinstance(item, str)]


def _walk(value: Any, name: str) -> Any:
    for key in name.split("__"):
        inside = isinstance(value, stripe.StripeObject | dict) and key in value
        value = value[key] if inside else None
    return value


def _columns(table: Table, item: Any) -> dict[str, Any]:
    columns = load_schema(table.object).columns
    names = {column.name for column in table.columns}
    return {n: _value(_walk(item, n), kind) for n, (kind, _) in columns.items() if n in names}


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    match kind:
        case "timestamp":
            return datetime.fromtimestamp(value, UTC)
        case "timestamp_ms":
            return datetime.fromtimestamp(value / 1000, UTC)
        case "decimal":
            return Decimal(str(value))
        case "json":
            return plain(value)
        case "id":
            return value if isinstance(value, str) else value["id"]
        case "ids":
            return [item if isinstance(item, str) else item["id"] for item in value]
        case _:
            return value


def plain(value: Any) -> Any:
    """JSON as Python, whether it comes from the SDK or as text from a column."""
    return json.loads(json.dumps(value, default=_json))


def _json(value: Any) -> Any:
    return value.to_dict() if isinstance(value, stripe.StripeObject) else str(value)


def loaded(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the warehouse with its JSON columns parsed."""
    kinds = {column.name: column.kind for column in table.columns}
    parsed = {
        name: json.loads(value) if kinds.get(name) in ("json", "ids") and value else value
        for name, value in row.items()
    }
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in parsed.items()
    }
