"""What a model's header says is tested by dbt, and fails where it is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_source.dbt import export, online
from tests.dbt.conftest import Exported, Project

BAD = """\
-- All that can be wrong of a row, {{ and a text }} that is no template.
--
-- key: one, two
-- key: maybe
-- refers: customer -> customers.customer_id
-- refers: number -> months.number
-- one of: kind: a, b
-- one of: select: it's, {% not %}
-- holds: one = 2
-- holds: note = '{{ fine }}'
SELECT
    account_id,
    1 AS one,
    'x' AS two,
    CASE WHEN customer_id IS NULL THEN 1 END AS maybe,
    'cus_0' AS customer,
    -1 AS number,
    'c' AS kind,
    'its' AS "select",
    '{{ fine }}' AS note,
    2 AS user
FROM customers
"""


def failures(project: Project) -> dict[str, int]:
    """How many rows each test of the last run found, by its name."""
    found = {}
    for each in project.target("run_results.json")["results"]:
        kind, _, name = each["unique_id"].split(".")[:3]
        if kind == "test":
            found[name] = each["failures"]
    return found


@pytest.mark.parametrize("modelled", ["postgres"], indirect=True)
def test_a_rule_that_is_broken(built: Exported, tmp_path: Path) -> None:
    """Each kind of rule fails on the rows of which it is not true, and passes where it is.

    In Postgres, which minds how a name is written.
    """
    modelled, folder = built.modelled, tmp_path / "stripe_models"
    folder.mkdir()
    (folder / "bad.sql").write_text(BAD)
    (folder / "model.sql").write_text('-- key: user\nSELECT 2 AS "user" FROM customers')
    own = Project(tmp_path / "stripe_dbt")
    export(online(modelled.pipeline, {"now": modelled.now}, folder), own.folder)
    assert own.dbt("build", "--select", "own").code == 1
    (((count,),),) = modelled.ask("SELECT COUNT(*) FROM {models}.customers")
    assert failures(own) == {
        "accepted_values_bad_kind__a__b": 1,
        "bad_holds_1": count,
        "bad_holds_2": 0,
        "bad_one_of_select": count,
        "bad_refers_customer": count,
        "bad_unique": 1,
        "not_null_bad_account_id": 0,
        "not_null_bad_maybe": count,
        "not_null_bad_one": 0,
        "not_null_bad_two": 0,
        "not_null_model__user_": 0,
        "relationships_bad_number__number__ref_stripe_source_months_": count,
        "unique_model__user_": 1,
    }


@pytest.mark.parametrize("modelled", ["duckdb"], indirect=True)
def test_a_table_that_is_broken(built: Exported) -> None:
    """A row that is in a table twice, and one without its key, fail; the vars say which schema."""
    with built.modelled.place() as place:
        columns = "_account_id, id, name, _updated_at"
        products = f'(SELECT {columns} FROM "{built.modelled.raw}".products)'
        one = f"(SELECT {columns} FROM {products} AS p ORDER BY id LIMIT 1)"
        without = f"(SELECT _account_id, NULL, name, _updated_at FROM {one} AS o)"
        place.client.execute_sql("CREATE SCHEMA broken")
        place.client.execute_sql(
            f"CREATE TABLE broken.products AS {products} UNION ALL {one} UNION ALL {without}"
        )
    ran = built.dbt(
        "test", "--select", "source:stripe.products", "--vars", "{stripe_schema: broken}"
    )
    assert ran.code == 1
    assert failures(built) == {
        "source_not_null_stripe_products__account_id": 0,
        "source_not_null_stripe_products_id": 1,
        "source_products_unique": 1,
    }
