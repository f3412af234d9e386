"""Views are made of models: those that changed, all or none, whatever a user's files say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dlt
import duckdb as engine
import pytest

from stripe_source.errors import DestinationError, StripeSourceError, UsageError
from stripe_source.models import NoViews, deploy
from stripe_source.models.library import library
from stripe_source.pipeline import sync
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import FAST
from tests.models.conftest import Modelled, in_duckdb, in_postgres, time_of

MANIFEST = "SELECT name, hash FROM {models}._models ORDER BY name"


@pytest.fixture(scope="module")
def tiny() -> Iterator[Simulator]:
    """An account that tests only read."""
    with Simulator(SimulatorConfig(seed=3, customers=3, years=0.2, fixtures=1)) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def filled(tiny: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file of it, with the models deployed, to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        each = in_duckdb(folder, "warehouse")
        each.sync(tiny)
        each.now = time_of(tiny)
        each.deploy()
    return folder


@pytest.fixture
def duckdb(filled: Path, tiny: Simulator, tmp_path: Path) -> Modelled:
    """A warehouse with models in DuckDB, of this test."""
    folder = tmp_path / "filled"
    shutil.copytree(filled, folder)
    each = in_duckdb(folder, "warehouse")
    each.now = time_of(tiny)
    return each


@pytest.fixture(scope="module")
def filled_postgres(
    postgres: str, tiny: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Modelled:
    """A warehouse in Postgres, which tests leave as they find it."""
    folder = tmp_path_factory.mktemp("filled_postgres")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
        patch.setenv("DLT_DATA_DIR", str(folder / "dlt"))
        each = in_postgres(folder, "deployed", postgres)
        each.now = time_of(tiny)
        each.sync(tiny)
        each.deploy()
    return each


@pytest.fixture(params=["duckdb", "postgres"])
def deployed(request: pytest.FixtureRequest) -> Modelled:
    """A warehouse with our models, in either database."""
    name = {"duckdb": "duckdb", "postgres": "filled_postgres"}[request.param]
    each: Modelled = request.getfixturevalue(name)
    return each


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder of a user's models, without any."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def views(each: Modelled) -> set[str]:
    """The views that the destination has."""
    (found,) = each.ask(
        "SELECT table_name FROM information_schema.views WHERE table_schema = '{models}'"
    )
    return {name for (name,) in found}


def test_only_what_changed_is_replaced(deployed: Modelled) -> None:
    """A second deployment does nothing; a setting replaces those that name it, no other."""
    assert deployed.deploy().changed == []
    made = deployed.deploy(weeks_per_year=53)
    named = {name for name, model in library().items() if "$weeks_per_year" in model.sql}
    assert set(made.changed) == named
    assert 0 < len(named) < 5
    assert set(deployed.deploy().changed) == named


def test_the_schema_and_its_views(deployed: Modelled) -> None:
    """All models are views in <dataset>_models; the loaded tables' schema has none."""
    made = deployed.deploy()
    assert made.schema == f"{deployed.raw}_models"
    assert views(deployed) == set(made.models) == set(library())
    ((raw,),) = deployed.ask(
        "SELECT COUNT(*) FROM information_schema.views WHERE table_schema = '{raw}'"
    )
    assert raw == (0,)


def test_a_view_that_somebody_dropped_comes_back(deployed: Modelled) -> None:
    """What is not there is made again, though nothing of it changed."""
    with deployed.place() as place:
        place.client.execute_sql(f"DROP VIEW {place.view('trial_conversion_monthly')}")
    assert deployed.deploy().changed == ["trial_conversion_monthly"]
    assert views(deployed) == set(library())


def test_own_models(deployed: Modelled, own: Path) -> None:
    """A user's models read ours and each other, also from folders within; they go with the file."""
    (own / "deeper").mkdir()
    first, second = own / "big_customers.sql", own / "deeper" / "their_number.sql"
    first.write_text("SELECT customer_id, name, $currency AS c FROM customers")
    second.write_text("-- How many.\nSELECT COUNT(*) AS number FROM big_customers")
    made = deployed.deploy(own)
    assert made.changed == ["big_customers", "their_number"]
    (number,) = deployed.ask("SELECT number FROM {models}.their_number")
    assert number == deployed.ask("SELECT COUNT(*) FROM {models}.customers")[0]
    second.unlink()
    made = deployed.deploy(own)
    assert (made.changed, made.removed) == ([], ["their_number"])
    assert "their_number" not in views(deployed)
    assert deployed.deploy().removed == ["big_customers"]
    assert views(deployed) == set(library())


def test_columns_that_change_below_others(deployed: Modelled, own: Path) -> None:
    """A model may lose, gain and retype columns though other views read it."""
    (own / "base.sql").write_text("SELECT customer_id AS id, 1 AS a, 2 AS b FROM customers")
    (own / "above.sql").write_text("SELECT b FROM base")
    deployed.deploy(own)
    (own / "base.sql").write_text("SELECT CAST(2.5 AS DECIMAL(5, 2)) AS b FROM customers")
    assert "base" in deployed.deploy(own).changed
    (rows,) = deployed.ask("SELECT DISTINCT CAST(b AS VARCHAR(9)) FROM {models}.above")
    assert rows == [("2.50",)]
    assert deployed.deploy(own).changed == []
    assert views(deployed) == {*library(), "base", "above"}
    assert set(deployed.deploy().removed) == {"base", "above"}


def test_the_readers_of_a_model_are_bound_again(duckdb: Modelled, own: Path) -> None:
    """A model that loses a column which another reads is refused, and all is as it was."""
    (own / "base.sql").write_text("SELECT 1 AS a, 2 AS b")
    (own / "above.sql").write_text("SELECT a + b AS c FROM base")
    duckdb.deploy(own)
    (own / "base.sql").write_text("SELECT 1 AS a")
    with pytest.raises(DestinationError, match="model 'above': "):
        duckdb.deploy(own)
    assert duckdb.ask("SELECT c FROM {models}.above") == [[(3,)]]
    duckdb.deploy()


def test_somebody_elses_view_of_that_name(deployed: Modelled, own: Path) -> None:
    """It is neither replaced nor dropped."""
    with deployed.place() as place:
        view = place.view("finance")
        place.client.execute_sql(f"CREATE VIEW {view} AS SELECT 42 AS precious")
        (own / "finance.sql").write_text("SELECT 1 AS precious")
        with pytest.raises(DestinationError, match=r"model 'finance': .* not deployed by us"):
            deployed.deploy(own)
        deployed.deploy()
        assert deployed.ask("SELECT precious FROM {models}.finance") == [[(42,)]]
        place.client.execute_sql(f"DROP VIEW {view}")


def test_what_a_column_costs_in_postgres(filled_postgres: Modelled, own: Path) -> None:
    """Only the views that read it are dropped: others keep their grants and those who read them."""
    (own / "base.sql").write_text("SELECT 1 AS a, 2 AS b")
    filled_postgres.deploy(own)
    with filled_postgres.place() as place:
        place.client.execute_sql("CREATE ROLE reader")
        place.client.execute_sql(f"GRANT SELECT ON {place.view('mrr')} TO reader")
        place.client.execute_sql(f"CREATE VIEW v_mrr AS SELECT * FROM {place.view('mrr')}")
        (own / "base.sql").write_text("SELECT 1 AS zz")
        assert filled_postgres.deploy(own).changed == ["base"]
        granted = f"SELECT has_table_privilege('reader', '{place.schemas.models}.mrr', 'select')"
        assert place.select(granted) == [(True,)]
        (own / "base.sql").write_text("SELECT 1 AS zz, nothing FROM mrr")
        with pytest.raises(DestinationError, match=r"model 'base': .*nothing"):
            filled_postgres.deploy(own)
        place.client.execute_sql("DROP VIEW v_mrr")
        place.client.execute_sql(f"REVOKE ALL ON {place.view('mrr')} FROM reader")
        place.client.execute_sql("DROP ROLE reader")
    filled_postgres.deploy()


def test_two_first_deployments_at_once(filled_postgres: Modelled) -> None:
    """In Postgres one waits for the other, and each view is noted once."""
    with filled_postgres.place() as place:
        place.client.execute_sql(f"DROP SCHEMA {place.schemas.models} CASCADE")
    with ThreadPoolExecutor(2) as pool:
        settings = {"now": filled_postgres.now}
        each = [pool.submit(deploy, filled_postgres.pipeline, settings) for _ in range(2)]
        made = [one.result() for one in each]
    assert [len(one.models) for one in made] == [len(library())] * 2
    (names,) = filled_postgres.ask("SELECT name FROM {models}._models")
    assert len(names) == len(set(names)) == len(library())


def test_two_folders_at_once(filled_postgres: Modelled, tmp_path: Path) -> None:
    """Whoever comes last has its models there and noted, those of the other are gone."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.sql").write_text("SELECT 1 AS a")
    for _ in range(3):
        with ThreadPoolExecutor(2) as pool:
            settings = {"now": filled_postgres.now}
            started = [
                pool.submit(deploy, filled_postgres.pipeline, settings, tmp_path / name)
                for name in ("one", "other")
            ]
            assert [each.exception() for each in started] == [None, None]
        (names,) = filled_postgres.ask("SELECT name FROM {models}._models")
        noted = {name for (name,) in names}
        assert views(filled_postgres) == noted
        assert len(noted) == len(library()) + 1
    filled_postgres.deploy()


def test_files_that_editors_leave(own: Path) -> None:
    """Hidden files are no models; a byte order mark and what is behind the query are no harm."""
    (own / ".#mine.sql").write_text("nothing")
    (own / "mine.sql").write_text(
        "\ufeff-- Mine.\n\nWITH One AS (SELECT 1 AS a) FROM one; -- so\n;"
    )
    assert library(own)["mine"].description == "Mine."
    (own / f"{'a' * 64}.sql").write_text("SELECT 1 AS a")
    with pytest.raises(UsageError, match="longer than 63 letters"):
        library(own)


BAD = {
    "no SQL": ("SELECT FROM WHERE", "model 'bad' is no SQL"),
    "no query": ("DROP TABLE raw.customers", "has to be one SELECT"),
    "two queries": ("SELECT 1 AS a; SELECT 2 AS b", "has to be one SELECT"),
    "no model": ("SELECT * FROM cutsomers", "reads cutsomers, which is no model"),
    "no table": ("SELECT * FROM raw.cutsomers", "reads raw.cutsomers, which no resource loads"),
    "no setting": ("SELECT $timezones AS t", "names a setting that there is not: $timezones"),
    "itself": ("SELECT * FROM bad", "models read each other: bad -> bad"),
    "no column": ("SELECT nothing FROM customers", "model 'bad': "),
    "bad header": ("-- refers: customers\nSELECT 1 AS a", "is not 'column -> model.column'"),
    "bad values": ("-- one of: a, b\nSELECT 1 AS a", "is not 'column: value, value'"),
    "no such model": ("-- refers: a -> b.c\nSELECT 1 AS a", "refers to b, which is no model"),
    "too deep": (f"SELECT {'(' * 5000}1{')' * 5000} AS a", "model 'bad' is nested too deeply"),
}


@pytest.mark.parametrize(("sql", "said"), BAD.values(), ids=BAD)
def test_a_bad_model_changes_nothing(duckdb: Modelled, own: Path, sql: str, said: str) -> None:
    """The error is one line that names the model, and all is as it was, good new models too."""
    refused(duckdb, own, sql, said)


def test_a_bad_model_changes_nothing_in_postgres(filled_postgres: Modelled, own: Path) -> None:
    """Nor there, when the destination is the one to refuse it, after it has made others."""
    refused(filled_postgres, own, *BAD["no column"])


def refused(deployed: Modelled, own: Path, sql: str, said: str) -> None:
    """Deploy with a good model and this bad one."""
    (own / "a_good_one.sql").write_text("SELECT customer_id FROM customers")
    (own / "bad.sql").write_text(sql)
    before = deployed.ask(MANIFEST)
    with pytest.raises((UsageError, DestinationError)) as failure:
        deployed.deploy(own, weeks_per_year=53)
    assert said in str(failure.value)
    assert "\n" not in str(failure.value)
    assert deployed.ask(MANIFEST) == before
    assert views(deployed) == set(library())


def test_names_that_clash_and_circles(own: Path) -> None:
    """Two models of one name, a circle, a bad name and a folder that is not there are refused."""
    (own / "mrr.sql").write_text("SELECT 1 AS a")
    with pytest.raises(UsageError, match=r"there is a model 'mrr' already: rename .*mrr\.sql"):
        library(own)
    (own / "mrr.sql").unlink()
    (own / "one.sql").write_text("SELECT a FROM two")
    (own / "two.sql").write_text("SELECT a FROM one")
    with pytest.raises(UsageError, match=r"models read each other: .*one -> two|two -> one"):
        library(own)
    (own / "one.sql").unlink()
    (own / "two.sql").rename(own / "My Model.sql")
    with pytest.raises(UsageError, match="has to be named after its view"):
        library(own)
    with pytest.raises(UsageError, match="no folder of models at"):
        library(own / "elsewhere")
    (own / "My Model.sql").unlink()
    (own / "three.sql").write_text("-- Three: a number.\n-- hold: one = 1\nSELECT 1 AS one")
    with pytest.raises(UsageError, match="'-- hold:' is no word of a header: '-- holds:'"):
        library(own)
    (own / "three.sql").write_text("-- Key: one\nSELECT 1 AS one")
    with pytest.raises(UsageError, match="is no word of a header: '-- key:'"):
        library(own)


BAD_SETTINGS = [
    ("timezone", "Europe/Berlino", "no time zone 'Europe/Berlino'"),
    ("timezone", "posix/Europe/Berlin", "TimeZone"),
    ("now", "9999-12-31T23:59:59-12:00", "now is a time"),
    ("weeks_per_year", "\u00b2", "a whole number"),
    ("currency", "USD", "three letters"),
    ("mrr_discounts", "some", "one of forever, recurring, all, none"),
    ("mrr_churn_at", "end", "one of cancellation, period_end"),
    ("now", "yesterday-ish", "now is a time"),
    ("rates_table", "rates; DROP TABLE x", "rates_table is a table's name"),
    ("weeks_per_year", "51", "52 or 53"),
    ("days_per_year", "many", "a whole number"),
    ("include_deleted", "perhaps", "include_deleted is true or false"),
    ("mrr_discount", "all", "no setting 'mrr_discount'; did you mean 'mrr_discounts'"),
    ("zzz", "1", "no setting 'zzz'$"),
]


@pytest.mark.parametrize(("name", "value", "said"), BAD_SETTINGS)
def test_bad_settings(
    duckdb: Modelled, name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A setting that can't be is refused in one line, from wherever it comes."""
    before = duckdb.ask(MANIFEST)
    with pytest.raises((UsageError, DestinationError), match=said):
        duckdb.deploy(**{name: value})
    monkeypatch.setenv(f"STRIPE_MODELS__{name.upper()}", value)
    with pytest.raises((UsageError, DestinationError), match=said):
        deploy(duckdb.pipeline)
    assert duckdb.ask(MANIFEST) == before


def test_a_table_of_rates_that_is_not_there(deployed: Modelled) -> None:
    """It is said, and the views are as they were."""
    before = deployed.ask(MANIFEST)
    with pytest.raises(StripeSourceError, match="exchange_rates"):
        deployed.deploy(rates_table="no_rates")
    assert deployed.ask(MANIFEST) == before


def test_settings_of_the_configuration(duckdb: Modelled, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's settings hold where none is given."""
    monkeypatch.setenv("STRIPE_MODELS__CURRENCY", "eur")
    monkeypatch.setenv("STRIPE_MODELS__NOW", duckdb.now)
    deploy(duckdb.pipeline)
    assert duckdb.ask("SELECT currency FROM {models}.reporting_currency") == [[("eur",)]]
    deploy(duckdb.pipeline, {"currency": "chf"})
    assert duckdb.ask("SELECT currency FROM {models}.reporting_currency") == [[("chf",)]]


def test_somebody_elses_view_on_ours(filled_postgres: Modelled, own: Path) -> None:
    """In Postgres it keeps ours from being dropped: the error says so, and nothing is lost."""
    (own / "base.sql").write_text("SELECT customer_id AS id FROM customers")
    filled_postgres.deploy(own)
    with filled_postgres.place() as place:
        place.client.execute_sql(f"CREATE VIEW theirs AS SELECT id FROM {place.view('base')}")
    before = filled_postgres.ask(MANIFEST)
    (own / "base.sql").write_text("SELECT name FROM customers")
    with pytest.raises(DestinationError, match=r"view 'base'.*depend"):
        filled_postgres.deploy(own)
    with pytest.raises(DestinationError, match=r"view 'base'.*depend"):
        filled_postgres.deploy()
    assert filled_postgres.ask(MANIFEST) == before
    assert filled_postgres.ask("SELECT COUNT(*) FROM theirs") == filled_postgres.ask(
        "SELECT COUNT(*) FROM {models}.customers"
    )
    with filled_postgres.place() as place:
        place.client.execute_sql("DROP VIEW theirs")
    assert filled_postgres.deploy().removed == ["base"]


def test_a_refresh_below_the_models(deployed: Modelled, tiny: Simulator) -> None:
    """Resources that models read are loaded anew, on Postgres too, and the models are back."""
    result = deployed.sync(tiny, refresh=["products", "subscriptions"], models=True)
    assert result.exit_code == 0, result.models_failed
    assert views(deployed) == set(result.models.models) == set(library())
    deployed.deploy()
    tables = "SELECT COUNT(*) FROM {raw}.products WHERE NOT is_deleted"
    assert deployed.ask("SELECT COUNT(*) FROM {models}.products") == deployed.ask(tables)


def test_a_file_with_another_name(filled: Path, tmp_path: Path) -> None:
    """A DuckDB file that is renamed or attached under another name still answers all models."""
    file = tmp_path / "renamed.duckdb"
    shutil.copy(filled / "warehouse.duckdb", file)
    with engine.connect(str(file), read_only=True) as connection:
        for model in library():
            connection.execute(f'SELECT COUNT(*) FROM stripe_models."{model}"')
    with engine.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS other (READ_ONLY)")
        connection.execute("USE other")
        assert connection.execute("SELECT COUNT(*) FROM stripe_models.customers").fetchone()[0] > 0


def test_a_file_that_is_named_as_its_schema(tiny: Simulator, tmp_path: Path) -> None:
    """There are no views then: a deployment says why, and a sync that goes well says it too."""
    each = in_duckdb(tmp_path, "stripe")
    result = each.sync(tiny, resources=["customers"], models=True)
    assert result.exit_code == 0
    assert (result.models, result.models_failed) == (None, None)
    assert "named as its schema, 'stripe'" in result.models_left
    with pytest.raises(NoViews, match="give the file or the dataset another name"):
        each.deploy()


def test_a_destination_without_sql(tiny: Simulator, tmp_path: Path) -> None:
    """Files have no views: the data is loaded, and the result says why there are no models."""
    pipeline = dlt.pipeline(
        "files",
        destination=dlt.destinations.filesystem((tmp_path / "files").as_uri()),
        dataset_name="stripe",
        pipelines_dir=str(tmp_path / "dlt"),
    )
    source = {"stripe_secret_key": tiny.api_key, "api_base": tiny.url, **FAST}
    result = sync(pipeline, resources=["coupons"], **source)
    assert result.exit_code == 0
    assert "answers no SQL" in result.models_left
    with pytest.raises(NoViews, match="answers no SQL"):
        deploy(pipeline)


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_sync_without_models(
    tiny: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """models=False, or deploy = false in the configuration, deploys nothing."""
    each = in_duckdb(tmp_path, "warehouse")
    options: dict[str, Any] = {"models": False if how == "argument" else None}
    if how == "environment":
        monkeypatch.setenv("STRIPE_MODELS__DEPLOY", "false")
    result = each.sync(tiny, resources=["customers"], **options)
    assert (result.models, result.models_left, result.models_failed) == (None, None, None)
    assert views(each) == set()


def test_a_sync_with_a_failing_model(
    tiny: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data is loaded, the result says what is wrong with the model, and the exit code is 1."""
    folder = tmp_path / "stripe_models"
    folder.mkdir()
    (folder / "mine.sql").write_text("SELECT nothing FROM customers")
    monkeypatch.chdir(tmp_path)
    each = in_duckdb(tmp_path, "warehouse")
    result = each.sync(tiny, resources=None, models=None)
    assert result.exit_code == 1
    assert result.models is None
    assert result.models_failed.startswith("model 'mine': ")
    assert each.ask("SELECT COUNT(*) > 0 FROM {raw}.customers") == [[(True,)]]
    assert views(each) == set()
    (folder / "mine.sql").write_text("SELECT name FROM customers")
    result = each.sync(tiny, resources=None, models=None)
    assert result.exit_code == 0
    assert "mine" in result.models.changed
