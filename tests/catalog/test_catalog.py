"""The catalog is complete, agrees with the SDK, and is all that an extractor needs."""

import ast
from pathlib import Path

import pytest

from stripe_source.catalog import CATALOG, DEFAULT, Resource, select
from stripe_source.errors import UsageError
from stripe_source.schema import load_schema
from stripe_source.schema.sdk import classes_by_object, load_module, root
from stripe_source.settings import API_VERSION
from stripe_source.simulator import Simulator
from stripe_source.tables.layout import tables_of
from tests.conftest import Warehouse


def list_parameters() -> dict[str, dict[str, bool]]:
    """Every top-level v1 list of the SDK: its path, its parameters and which are mandatory."""
    found = {}
    for file in sorted(root().rglob("_*_service.py")):
        source = file.read_text("utf-8")
        module = ".".join(("stripe", *file.relative_to(root()).with_suffix("").parts))
        if ".v2." in module or "def list(" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and node.name == "list":
                path = _path(node)
                if path and path.startswith("/v1/") and "{" not in path:
                    found[path] = _parameters(file)
    return found


def _path(function: ast.FunctionDef) -> str | None:
    texts = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return next((text for text in texts if text.startswith("/v1/")), None)


def _parameters(service: Path) -> dict[str, bool]:
    inside = service.relative_to(root())
    name = inside.name.replace("_service.py", "_list_params.py")
    tree = ast.parse((root() / "params" / inside.with_name(name)).read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("ListParams"):
            return {
                statement.target.id: not ast.unparse(statement.annotation).startswith("NotReq")
                for statement in node.body
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
            }
    return {}


LISTS = list_parameters()
LISTED = [row for row in CATALOG.values() if not row.single]


def test_every_list_without_a_parent_is_in_the_catalog() -> None:
    """A list of the SDK that can be read without naming a parent has a row, and no other has."""
    free = {path for path, params in LISTS.items() if not any(params.values())}
    assert {row.path for row in LISTED} == free | {"/v1/tax/locations"}
    assert (len(LISTED), len(CATALOG)) == (79, 80)


@pytest.mark.parametrize("row", LISTED, ids=[row.name for row in LISTED])
def test_a_row_agrees_with_the_sdk(row: Resource) -> None:
    """Cursor, page size and fixed parameters are what the list takes; tables have their keys."""
    params = LISTS[row.path]
    assert (row.cursor == "created") == ("created" in params)
    assert row.paged == ("limit" in params)
    assert set(row.params) <= set(params)
    assert {name for name, mandatory in params.items() if mandatory} <= set(row.params)
    assert row.name == row.path.removeprefix("/v1/").replace("/", "_").replace(
        "invoiceitems", "invoice_items"
    )
    assert row.object in classes_by_object()
    assert "id" in load_schema(row.object).columns
    dated = row.created_field in load_schema(row.object).columns
    assert dated or row.cursor is None or row.name == "product_catalog_trial_offers"
    assert [table.name for table in tables_of(row)] == list(row.tables)


def test_event_types_are_stripes() -> None:
    """Each event type that a row names is one that the SDK knows; deletes are among the events."""
    module = load_module("stripe._event")
    assert module is not None
    annotation, _ = module.classes["Event"].fields["type"]
    known = {node.value for node in ast.walk(annotation) if isinstance(node, ast.Constant)}
    for row in CATALOG.values():
        owned = [event for part in (*row.children, *row.embedded) for event in part.events]
        assert set(row.events) | set(owned) <= known, row.name
        assert set(row.deleted_by) <= set(row.events)


@pytest.mark.parametrize("row", [row for row in CATALOG.values() if row.unembedded])
def test_a_list_that_is_not_embedded_agrees_with_the_sdk(row: Resource) -> None:
    """Its address is a list with that filter, and its field is none that the object has itself."""
    schema = load_schema(row.object)
    for child in row.unembedded:
        name, _, value = child.listed_by.partition("?")[2].partition("=")
        listed = next(r for r in CATALOG.values() if r.path == child.path)
        assert name in LISTS[child.path]
        assert (value, listed.object) == ("{id}", child.object)
        assert schema.columns[child.only_if][0] == "boolean"
        assert child.field not in {*schema.columns, *schema.lists}


def test_a_cancelled_subscription_is_not_deleted() -> None:
    """``customer.subscription.deleted`` is Stripe's name for a cancellation."""
    assert "customer.subscription.deleted" in CATALOG["subscriptions"].events
    assert CATALOG["subscriptions"].deleted_by == ()


def test_new_objects_of_every_row_are_seen_somehow() -> None:
    """A row of which an event tells every new object need not be listed; every other is."""
    always_told = {"charges"}  # made as succeeded, failed or pending, each with its event
    for row in CATALOG.values():
        told = any(kind.endswith((".created", ".opened")) for kind in row.events)
        assert row.relist != "never" or told or row.name in always_told, row.name


def test_selection_by_name() -> None:
    """Names select rows, a child's name its parent, nothing the default, ``all`` everything."""
    assert [row.name for row in select()] == list(DEFAULT)
    assert [row.name for row in select(["invoice_line_items"])] == ["invoices"]
    assert {row.name for row in select(["discounts"])} == {"customers", "subscriptions", "invoices"}
    assert [row.name for row in select(["all"])] == list(CATALOG)
    with pytest.raises(UsageError, match="unknown resource 'custmers'; did you mean 'customers'"):
        select(["custmers"])
    with pytest.raises(UsageError, match="no resource"):
        select([])


def test_a_new_extractor_is_one_row(
    account: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more row in the catalog, and its objects are selected by name, loaded and typed."""
    gadgets = [
        {"id": f"cus_gadget{n}", "object": "customer", "created": 1_700_000_000 + n, "balance": n}
        for n in range(150)
    ]
    account.account.add_list("/v1/gadgets", gadgets, created_filter=True)
    monkeypatch.setitem(CATALOG, "gadgets", Resource("gadgets", "/v1/gadgets", "customer"))
    warehouse.sync(account, "gadgets")
    assert warehouse.rows("SELECT count(*), sum(balance), max(year(created)) FROM gadgets") == [
        (150, sum(range(150)), 2023)
    ]


def test_requests_carry_the_pinned_version(business: Simulator, warehouse: Warehouse) -> None:
    """Every request names the API version that the columns were generated for."""
    warehouse.sync(business, "coupons")
    logged = [entry["headers"] for entry in business.stats.log]
    versions = {
        value
        for headers in logged
        for key, value in headers.items()
        if key.lower() == "stripe-version"
    }
    assert API_VERSION in versions
