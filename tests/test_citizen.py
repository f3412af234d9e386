"""What dlt offers works on the source as on any other, or says in a line why it can't."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from stripe_source.destination import duckdb
from stripe_source.errors import UsageError
from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.source import stripe_source
from tests.conftest import FAST, Warehouse

LIMITED = ("customers", "invoices")


def source(simulator: Simulator, *names: str) -> DltSource:
    """The source of these resources, as a script would make it."""
    connection: dict[str, Any] = {"stripe_secret_key": simulator.api_key, **FAST}
    return stripe_source(list(names), api_base=simulator.url, **connection)


def count(warehouse: Warehouse, table: str) -> int:
    """The rows of a table."""
    ((found,),) = warehouse.rows(f"SELECT count(*) FROM {table}")
    return int(found)


def test_add_limit(
    business: Simulator, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many batches that have rows, or rows; what is left is loaded without it, none is lost."""
    monkeypatch.setattr("stripe_source.tables.ahead.BATCH_SECONDS", 0.0)  # a page is a batch
    every = {name: len(business.account.objects(f"/v1/{name}")) for name in LIMITED}
    warehouse.pipeline.run(source(business, *LIMITED).add_limit(1))
    assert [count(warehouse, name) for name in LIMITED] == [100, 100]
    some = source(business, *LIMITED)
    some.resources["invoices"].add_limit(250, count_rows=True)
    warehouse.pipeline.run(some.with_resources("invoices"))
    assert 350 <= count(warehouse, "invoices") < every["invoices"]
    warehouse.pipeline.run(source(business, *LIMITED))
    assert {name: count(warehouse, name) for name in LIMITED} == every
    warehouse.pipeline.run(source(business, "products").add_limit(max_time=60))
    assert count(warehouse, "products") == len(business.account.objects("/v1/products"))


def test_a_limit_for_several_accounts(warehouse: Warehouse) -> None:
    """It is refused: what of other accounts was read by then would be lost."""
    config = SimulatorConfig(seed=6, customers=2, years=0.1, fixtures=0, connected=1)
    with Simulator(config) as simulator:
        connection = {"stripe_secret_key": simulator.api_key, "api_base": simulator.url, **FAST}
        made = stripe_source(["customers"], accounts="all", **connection)
        with pytest.raises(PipelineStepFailed, match="is for one account"):
            warehouse.pipeline.run(made.add_limit(1))


def test_add_map_takes_arrow_tables(business: Simulator, warehouse: Warehouse) -> None:
    """A function of one's own gets Arrow tables, and what it gives is loaded."""

    def without_email(rows: pa.Table) -> pa.Table:
        place = rows.schema.get_field_index("email")
        return rows.set_column(place, rows.schema.field(place), pa.nulls(len(rows), pa.string()))

    made = source(business, "customers")
    made.resources["customers"].add_map(without_email)
    made.resources["customers"].add_map(lambda rows: rows.filter(pc.field("delinquent")))
    warehouse.pipeline.run(made)
    late = [c for c in business.account.objects("/v1/customers") if c["delinquent"]]
    assert warehouse.rows("SELECT count(*), count(email) FROM customers") == [(len(late), 0)]


def test_resources_left_out(business: Simulator, warehouse: Warehouse) -> None:
    """A deselected resource is not loaded, nor is its table made."""
    made = source(business, "customers", "coupons")
    made.resources["coupons"].selected = False
    warehouse.pipeline.run(made)
    tables = warehouse.pipeline.default_schema.data_table_names()
    assert "customers" in tables
    assert "coupons" not in tables


def test_hints_for_columns(business: Simulator, warehouse: Warehouse) -> None:
    """A hint for a column of ours is kept beside what we say of it."""
    made = source(business, "customers")
    made.resources["customers"].apply_hints(columns={"email": {"x-pii": True}})  # type: ignore[typeddict-unknown-key]
    warehouse.pipeline.run(made)
    email: Any = warehouse.pipeline.default_schema.tables["customers"]["columns"]["email"]
    assert email["x-pii"] is True
    assert email["data_type"] == "text"


@pytest.mark.parametrize(
    ("hints", "why"),
    [
        ({"table_name": "clients"}, "the table of customers can't have another name"),
        ({"write_disposition": "append"}, "rows of customers are merged"),
        ({"write_disposition": "replace"}, "rows of customers are merged"),
    ],
)
def test_hints_that_would_do_harm(
    hints: dict[str, Any], why: str, business: Simulator, warehouse: Warehouse
) -> None:
    """Another table or disposition is refused in a line, before anything is loaded."""
    made = source(business, "customers")
    made.resources["customers"].apply_hints(**hints)
    with pytest.raises(PipelineStepFailed) as failed:
        warehouse.pipeline.run(made)
    cause = failed.value.__cause__
    while cause is not None and not isinstance(cause, UsageError):
        cause = cause.__cause__
    assert why in str(cause)


def test_contracts(business: Simulator, warehouse: Warehouse) -> None:
    """All columns are declared, so that a frozen schema lets later runs pass."""
    frozen: Any = {"tables": "freeze", "columns": "freeze", "data_type": "freeze"}
    warehouse.pipeline.run(source(business, "customers"))
    warehouse.pipeline.run(source(business, "customers"), schema_contract=frozen)
    with pytest.raises(PipelineStepFailed, match="coupons"):
        warehouse.pipeline.run(source(business, "coupons"), schema_contract=frozen)


def test_dev_mode(business: Simulator, tmp_path: Path) -> None:
    """Each run goes into a dataset of its own."""
    file = duckdb(str(tmp_path / "dev.duckdb"))
    names = set()
    for _ in range(2):
        pipeline = dlt.pipeline("dev", destination=file, dataset_name="dev", dev_mode=True)
        pipeline.run(source(business, "coupons"))
        names.add(pipeline.dataset_name)
        time.sleep(1.1)  # dlt names them by the second
        assert pipeline.dataset()["coupons"].fetchall()
    assert len(names) == 2


def test_the_dataset(business: Simulator, warehouse: Warehouse) -> None:
    """``pipeline.dataset()`` has the tables, in dlt's ways to ask."""
    warehouse.pipeline.run(source(business, "customers"))
    dataset = warehouse.pipeline.dataset()
    wanted = len(business.account.objects("/v1/customers"))
    assert len(dataset["customers"].select("id", "email").df()) == wanted
    assert ("customers", wanted) in dataset.row_counts(table_names=["customers"]).fetchall()


def test_dlt_pipeline_commands(business: Simulator, tmp_path: Path) -> None:
    """``dlt pipeline``: info, trace, schema, drop and sync; what is dropped comes again."""
    pipeline = dlt.pipeline("shop", destination=duckdb("shop.duckdb"), dataset_name="stripe")
    pipeline.run(source(business, "customers", "coupons"))

    def ran(*command: str) -> str:
        dlt_command = Path(sys.executable).with_name("dlt")
        done = subprocess.run(
            [dlt_command, "--yes", "pipeline", *command],
            cwd=tmp_path,
            env=os.environ | {"DESTINATION__DUCKDB__CREDENTIALS": str(tmp_path / "shop.duckdb")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert "stripe_source" in ran("shop", "info")
    assert "completed in" in ran("shop", "trace").lower()
    assert "customers" in ran("shop", "schema")
    ran("shop", "drop", "coupons")
    ran("shop", "sync")
    pipeline = dlt.attach("shop")
    pipeline = dlt.pipeline("shop", destination=duckdb("shop.duckdb"), dataset_name="stripe")
    with pipeline.sql_client() as client:
        there = client.execute_sql("SELECT table_name FROM information_schema.tables")
        assert "coupons" not in {name for (name,) in there or []}
    pipeline.run(source(business, "customers", "coupons"))
    assert len(pipeline.dataset()["coupons"].fetchall()) == len(
        business.account.objects("/v1/coupons")
    )


def test_a_source_in_two_pipelines(
    account: Simulator, make_warehouse: Callable[[str], Warehouse]
) -> None:
    """What one run has read of the events is not what the next one goes by."""
    one, other = make_warehouse("one"), make_warehouse("other")
    for warehouse in (one, other):
        warehouse.pipeline.run(source(account, "customers"))
    made = source(account, "customers")
    for warehouse, row in zip((one, other), account.account.objects("/v1/customers"), strict=False):
        account.advance(600)
        account.account.update("/v1/customers", row["id"], {"name": "Edited"})
        warehouse.pipeline.run(made)
    query = "SELECT count(*) FROM customers WHERE name = 'Edited'"
    assert (one.rows(query), other.rows(query)) == ([(1,)], [(2,)])
