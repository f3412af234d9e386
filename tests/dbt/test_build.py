"""What is exported runs as it is, in dbt, and gives the rows of the deployed views."""

from __future__ import annotations

from stripe_source.models.library import library
from tests.dbt.conftest import Exported

OURS = set(library())


def test_build(built: Exported) -> None:
    """``dbt build`` makes all models and passes all tests, without a warning."""
    assert set(built.made.models) == OURS
    models, tests = (built.statuses(kind, "build/run_results.json") for kind in ("model", "test"))
    assert (set(models), set(models.values())) == (OURS, {"success"})
    assert (len(tests) > 300, set(tests.values())) == (True, {"pass"})


def test_the_rows_are_those_of_the_views(built: Exported) -> None:
    """Each model has the columns of the deployed view in its order, and its rows as often."""
    for name, (columns, theirs, missing, more) in compared(built).items():
        assert columns == theirs, name
        assert (missing, more) == (0, 0), name


def compared(project: Exported) -> dict[str, tuple[list[str], list[str], int, int]]:
    """For each model the columns in dbt and deployed, and how many rows only one of them has."""
    found = {}
    with project.modelled.settled() as place:
        made = f'"{project.modelled.raw}_dbt"'
        for name in project.made.models:
            mine, theirs = f'{made}."{name}"', place.view(name)
            with_both = (
                f"WITH mine AS MATERIALIZED (SELECT * FROM {mine}), "
                f"theirs AS MATERIALIZED (SELECT * FROM {theirs})"
            )
            ((missing, more),) = place.select(
                f"{with_both} SELECT "
                "(SELECT COUNT(*) FROM (SELECT * FROM theirs EXCEPT ALL SELECT * FROM mine) AS a),"
                "(SELECT COUNT(*) FROM (SELECT * FROM mine EXCEPT ALL SELECT * FROM theirs) AS b)"
            )
            columns = []
            for table in (mine, theirs):
                with place.client.execute_query(f"SELECT * FROM {table} LIMIT 0") as cursor:
                    columns.append([each[0] for each in cursor.description])
            found[name] = (*columns, missing, more)
    return found
