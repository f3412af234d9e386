"""Compares a warehouse with the account that the official SDK reads, key by key."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatch
from typing import Any, Protocol

import stripe

from stripe_source.catalog import CATALOG, Resource
from stripe_source.simulator import Simulator
from stripe_source.tables.layout import Table, tables_of
from tests.reading import expected, loaded, sdk_rows

Row = dict[str, Any]
Key = tuple[Any, ...]

INVISIBLE: Mapping[str, tuple[str, ...]] = {
    "coupons": ("times_redeemed",),
    "customers": ("next_invoice_sequence", "discount__*"),
    "promotion_codes": ("times_redeemed",),
    "disputes": ("balance_transactions",),
    "balance_transactions": ("status",),
    "subscription_items": ("price__*", "plan__*", "tax_rates"),
    "subscriptions": ("default_tax_rates",),
    "invoices": ("default_tax_rates",),
    "invoice_line_items": ("tax_rates",),
    "invoice_items": ("tax_rates",),
    "payment_links": ("*",),
}
"""Columns that change without an event: DECISIONS.md, "What can't be seen"."""


class Tables(Protocol):
    """Where rows are read, table by table."""

    def table(self, name: str) -> list[Row]:
        """All rows of a table."""


class Difference(AssertionError):
    """The warehouse is not as the account is."""


def assert_equal(
    warehouse: Tables,
    simulator: Simulator,
    names: Iterable[str],
    *,
    reconciled: bool,
    blanks: bool = True,
) -> None:
    """Every table, child and tombstone is as the account has it.

    Before a reconciliation, all but what no event tells. Without ``blanks``, the destination takes
    an empty text for none.
    """
    for name in names:
        resource = CATALOG[name]
        rows = sdk_rows(simulator, resource)
        for table in tables_of(resource):
            found = warehouse.table(table.name)
            _no_duplicates(table, found)
            if table.name == "discounts":
                _shown(table, rows, found, reconciled=reconciled, blanks=blanks)
            elif table.parent_id:
                _children(table, rows, found, warehouse, name, reconciled=reconciled, blanks=blanks)
            else:
                _objects(
                    table, resource, rows, found, simulator, reconciled=reconciled, blanks=blanks
                )


def _no_duplicates(table: Table, found: list[Row]) -> None:
    counts = Counter(tuple(row[name] for name in table.key) for row in found)
    twice = [key for key, number in counts.items() if number > 1]
    if twice:
        raise Difference(f"{table.name}: more than once: {twice[:3]}")


def _objects(
    table: Table,
    resource: Resource,
    rows: list[Any],
    found: list[Row],
    simulator: Simulator,
    *,
    reconciled: bool,
    blanks: bool,
) -> None:
    wanted = {row["id"]: row for row in expected(table, rows)}
    live = {row["id"]: loaded(table, row) for row in found if not row["is_deleted"]}
    dead = {row["id"] for row in found if row["is_deleted"]}
    _same(table, wanted, {i: row for i, row in live.items() if i in wanted}, resource, simulator,
          reconciled=reconciled, blanks=blanks)  # fmt: skip
    for identifier in live.keys() - wanted.keys():
        if not _exists(simulator, resource, identifier):
            raise Difference(f"{table.name}: {identifier} is deleted, and no tombstone says so")
    for identifier in dead:
        if identifier in wanted or _exists(simulator, resource, identifier):
            raise Difference(f"{table.name}: {identifier} has a tombstone and is not deleted")


def _children(
    table: Table,
    rows: list[Any],
    found: list[Row],
    warehouse: Tables,
    parents: str,
    *,
    reconciled: bool,
    blanks: bool,
) -> None:
    assert table.parent_id is not None
    owners = warehouse.table(parents)
    dead = {row["id"] for row in owners if row["is_deleted"]}
    if nobodys := {row[table.parent_id] for row in found} - {row["id"] for row in owners}:
        raise Difference(f"{table.name}: rows without a parent: {nobodys}")
    for row in found:
        if row["is_deleted"] != (row[table.parent_id] in dead):
            raise Difference(f"{table.name}: {row['is_deleted']=}, not as its parent {row}")
    listed = {row["id"] for row in rows}
    ours = [row for row in found if row[table.parent_id] in listed]
    wanted = {_key(table, row): row for row in expected(table, rows)}
    _same(table, wanted, {_key(table, row): loaded(table, row) for row in ours}, None, None,
          reconciled=reconciled, blanks=blanks)  # fmt: skip


def _shown(
    table: Table, rows: list[Any], found: list[Row], *, reconciled: bool, blanks: bool
) -> None:
    """Discounts: those that something shows; what shows none of them any more keeps its row."""
    wanted = {row["id"]: row for row in expected(table, rows)}
    ours = {row["id"]: loaded(table, row) for row in found if row["id"] in wanted}
    _same(table, wanted, ours, None, None, reconciled=reconciled, blanks=blanks)


def _same(
    table: Table,
    wanted: Mapping[Any, Row],
    found: Mapping[Any, Row],
    resource: Resource | None,
    simulator: Simulator | None,
    *,
    reconciled: bool,
    blanks: bool,
) -> None:
    skipped = () if reconciled else INVISIBLE.get(table.name, ())
    since = 0
    if resource is not None and simulator is not None and isinstance(resource.relist, int):
        since = 0 if reconciled else simulator.account.clock.now - resource.relist * 86_400
    if wanted.keys() != found.keys():
        missing, more = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
        raise Difference(f"{table.name}: missing {missing[:3]}, too many {more[:3]}")
    for key, row in wanted.items():
        if since and _created(row, resource) < since:
            continue
        other = [c for c in row if not any(fnmatch(c, s) for s in skipped)]
        there = found[key]
        wrong = {c: (row[c], there[c]) for c in other if row[c] != there[c]}
        if not blanks:
            wrong = {c: pair for c, pair in wrong.items() if pair != ("", None)}
        if wrong:
            raise Difference(f"{table.name} {key}: {wrong}")


def _created(row: Row, resource: Resource | None) -> float:
    value = row[resource.created_field] if resource else None
    return value.timestamp() if isinstance(value, datetime) else 0.0


def _key(table: Table, row: Row) -> Key:
    return tuple(row[name] for name in table.key if name != "_account_id")


def _exists(simulator: Simulator, resource: Resource, identifier: str) -> bool:
    client = stripe.StripeClient(
        simulator.api_key, base_addresses={"api": simulator.url}, max_network_retries=2
    )
    try:
        answer = client.raw_request("get", f"{resource.path}/{identifier}")
    except stripe.InvalidRequestError:
        return False
    return not answer.data.get("deleted")
