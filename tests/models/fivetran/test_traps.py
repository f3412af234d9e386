"""What has gone wrong with this schema before, and what its header promises."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from stripe_source.models import FIVETRAN
from stripe_source.models.check import check
from stripe_source.models.library import library
from stripe_source.models.warehouse import warehouse
from tests.models.fivetran.conftest import Full, Shaped

VIEWS = library(shelf=FIVETRAN)


@pytest.mark.parametrize("name", VIEWS)
def test_a_key_is_unique_and_never_null(full: Full, name: str) -> None:
    """A row of each view is what it says, so that joins multiply nothing by our doing."""
    for each in full:
        with warehouse(each.modelled.pipeline, FIVETRAN) as place:
            found = list(check(place, VIEWS[name], VIEWS))
        assert [finding for finding in found if finding.failures or finding.error] == []
        assert len(found) == (2 if VIEWS[name].key else 0)


def test_two_partial_refunds_of_a_charge_multiply_no_line(full: Full) -> None:
    """The sixth invoice has one charge, refunded in two parts, and stays three lines of 1,800."""
    for each in full:
        lines = each.ask(
            "SELECT COUNT(*), SUM(l.amount) FROM {views}.invoice AS i "
            "JOIN {views}.charge AS c ON c.id = i.charge_id "
            "JOIN {views}.invoice_line_item AS l ON l.invoice_id = i.id WHERE i.id = 'in_h5'"
        )
        assert lines == [(3, 1800)]
        refunds = each.ask(
            "SELECT COUNT(*), SUM(r.amount) FROM {views}.charge AS c "
            "JOIN {views}.refund AS r ON r.charge_id = c.id WHERE c.id = 'ch_h5'"
        )
        assert refunds == [(2, 200)]


def test_a_line_whose_id_starts_with_sub_is_a_line(full: Full) -> None:
    """Fivetran's models leave such lines out unless told not to; the view has them all the same."""
    for each in full:
        rows = [row for row in each.rows("invoice_line_item") if row["invoice_id"] == "in_h7"]
        assert {row["id"] for row in rows} == {"il_h7_0", "sub_h7_line", "il_h7_2"}
        others = [row for row in each.rows("invoice_line_item") if row["invoice_id"] != "in_h7"]
        assert not any(str(row["id"]).startswith("sub") for row in others)


def test_whoever_paid_is_a_customer(full: Full) -> None:
    """One that was deleted before the first sync is known by the event alone, and still has one."""
    for each in full:
        for table in ("charge", "invoice"):
            query = (
                f"SELECT COUNT(*) FROM {{views}}.{table} AS t WHERE NOT EXISTS "
                "(SELECT 1 FROM {views}.customer AS c WHERE c.id = t.customer_id)"
            )
            assert each.ask(query) == [(0,)]
        told = "SELECT COUNT(*) FROM {views}.customer AS c WHERE is_deleted AND NOT EXISTS "
        assert each.ask(told + "(SELECT 1 FROM {raw}.customers AS r WHERE r.id = c.id)") != [(0,)]


def test_a_line_has_the_price_of_one(full: Full) -> None:
    """Of prices in tiers, too, which have no unit price: what was billed, by the quantity."""
    for each in full:
        rows = each.rows("invoice_line_item")
        assert not [row for row in rows if row["quantity"] and not row["unit_amount_excluding_tax"]]
        priced = {id_ for (id_,) in each.ask(
            "SELECT id FROM {raw}.invoice_line_items WHERE pricing__unit_amount_decimal IS NOT NULL"
        )}  # fmt: skip
        tiered = [row for row in rows if row["quantity"] and row["id"] not in priced]
        assert tiered
        for row in tiered:
            unit = Decimal(row["unit_amount_excluding_tax"])
            assert abs(unit * row["quantity"] - row["amount"]) < Decimal("0.001")


def test_currencies_stay_apart_and_in_minor_units(full: Full) -> None:
    """Yen and dinars are as Stripe has them: nothing is divided, whatever a unit has of places."""
    for each in full:
        amounts = {row["currency"]: row["amount"] for row in each.rows("charge")
                   if row["id"] in ("ch_h0", "ch_h2", "ch_h3")}  # fmt: skip
        assert amounts == {"usd": 5000, "jpy": 5002, "kwd": 5003}


def test_times_are_utc_whatever_the_session_says(full: Full) -> None:
    """A session in another time zone reads the same times, without an offset."""
    for each in full:
        with warehouse(each.modelled.pipeline, FIVETRAN) as place:
            for zone in ("America/New_York", "Asia/Tokyo"):
                place.client.execute_sql(f"SET TimeZone = '{zone}'")
                query = f"SELECT created, due_date FROM {place.view('invoice')} WHERE id = 'in_h0'"
                rows = place.select(query)
                assert rows == [(datetime(2026, 7, 25, 17, 20), datetime(2026, 8, 8, 17, 20))]
                discounts = place.view("subscription_discount")
                texts = place.select(f"SELECT start FROM {discounts} WHERE id = 'di_h0'")
                assert texts == [("2026-07-25 17:20:00",)]


def test_what_is_connected_says_to_which_account_it_belongs(full: Full) -> None:
    """The platform's own rows have no connected account, those of a connected one its id."""
    for each in full:
        for table in ("balance_transactions", "charges"):
            view = table.removesuffix("s")
            rows = each.ask(
                f"SELECT r._account_id = a.id, v.connected_account_id = r._account_id, COUNT(*) "
                f"FROM {{raw}}.{table} AS r JOIN {{views}}.{view} AS v ON v.id = r.id "
                "JOIN (SELECT MAX(_account_id) AS id FROM {raw}.accounts) AS a ON true "
                "GROUP BY 1, 2 ORDER BY 1"
            )
            assert [row[:2] for row in rows] == [(False, True), (True, None)]


def test_synced_is_when_a_row_was_loaded(full: Full) -> None:
    """Every row says the time of a load that there was."""
    for each in full:
        loads = _loads(each)
        for name, model in VIEWS.items():
            synced = next(c for c in model.columns if c.endswith("fivetran_synced"))
            assert {row[synced] for row in each.rows(name)} <= loads, name


def _loads(shaped: Shaped) -> set[datetime]:
    rows = shaped.ask("SELECT inserted_at AT TIME ZONE 'UTC' FROM {raw}._dlt_loads")
    return {moment for (moment,) in rows}
