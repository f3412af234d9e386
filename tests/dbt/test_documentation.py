"""What dbt knows of the project: descriptions, types, how old rows are, who reads them."""

from __future__ import annotations

from stripe_source.dbt.sources import LOADS
from stripe_source.models.library import library
from tests.dbt.conftest import Exported

NAMES = {
    "text": "varchar",
    "character varying": "varchar",
    "timestamptz": "timestamp with time zone",
    "double": "double precision",
    "decimal": "numeric",
}
"""What one type is called otherwise."""


def test_every_column_of_a_table_is_described(built: Exported) -> None:
    """Each column that a source table has in the database has a description, and no others."""
    catalog, manifest = (built.target(f"docs/{name}.json") for name in ("catalog", "manifest"))
    assert len(catalog["sources"]) > 25
    assert set(catalog["sources"]) == set(manifest["sources"])
    for name, table in catalog["sources"].items():
        described = manifest["sources"][name]
        assert described["description"], name
        said = {column: each["description"] for column, each in described["columns"].items()}
        assert set(said) == set(table["columns"]), name
        assert all(said.values()), name


def test_the_types_are_those_of_the_database(built: Exported) -> None:
    """What is said of a source column's type is what the database calls it."""
    catalog, manifest = (built.target(f"docs/{name}.json") for name in ("catalog", "manifest"))
    for name, table in catalog["sources"].items():
        for column, there in table["columns"].items():
            said = manifest["sources"][name]["columns"][column]["data_type"]
            assert same_type(said, there["type"]), (name, column, said, there["type"])


def same_type(said: str, there: str) -> bool:
    """Whether two names are of one type."""
    names = (name.lower().partition("(")[0] for name in (said, there))
    return len({NAMES.get(name, name) for name in names}) == 1


def test_every_model_is_described(built: Exported) -> None:
    """Each model has what it holds, what a row is, its key, and its columns with their comments."""
    manifest = built.target("docs/manifest.json")
    for name, model in library().items():
        node = manifest["nodes"][f"model.stripe_source.{name}"]
        assert node["description"].startswith(model.description)
        assert f"One row is {model.grain}. Key: {', '.join(model.key)}." in node["description"]
        assert list(node["columns"]) == list(model.columns)
        for column, text in model.columns.items():
            assert not text or node["columns"][column]["description"] == text


def test_freshness(built: Exported) -> None:
    """``dbt source freshness`` asks the loads and each resource's own table.

    The account's clock stands still: how old its rows are goes by the day of the test.
    """
    month = 30 * 86_400
    asked = built.statuses("source", "source/sources.json")
    assert asked[LOADS] == "pass"
    for each in built.target("source/sources.json")["results"]:
        if each["unique_id"].endswith((".customers", ".invoices")):
            old = each["max_loaded_at_time_ago_in_s"] > month
            assert each["status"] == ("warn" if old else "pass")
    assert {"customers", "invoices"} <= set(asked)
    assert {"invoice_line_items", "customers_history"} & set(asked) == set()
    (loads,) = (
        each["criteria"]
        for each in built.target("source/sources.json")["results"]
        if each["unique_id"].endswith(LOADS)
    )
    assert loads["warn_after"] == {"count": 1, "period": "day"}
    assert loads["error_after"] == {"count": 7, "period": "day"}
