"""The views add nothing to what is loaded, and lose nothing of it."""

from __future__ import annotations

import json

import pytest

from tests.models.fivetran.conftest import Full

LIVE = "WHERE NOT is_deleted"
PAIRS = {
    "account": (
        "SELECT COUNT(*), COUNT(DISTINCT id) FROM {views}.account",
        "SELECT COUNT(*), COUNT(*) FROM (SELECT id FROM {raw}.account "
        "UNION SELECT id FROM {raw}.accounts) AS every",
    ),
    "balance_transaction": (
        "SELECT currency, COUNT(*), SUM(amount), SUM(fee), SUM(net) "
        "FROM {views}.balance_transaction GROUP BY currency ORDER BY currency",
        "SELECT currency, COUNT(*), SUM(amount), SUM(fee), SUM(net) "
        f"FROM {{raw}}.balance_transactions {LIVE} GROUP BY currency ORDER BY currency",
    ),
    "balance_transaction of payouts": (
        "SELECT COUNT(*) FROM {views}.balance_transaction WHERE payout_id IS NOT NULL",
        f"SELECT COUNT(DISTINCT id) FROM {{raw}}.payout_balance_transactions {LIVE}",
    ),
    "card": (
        "SELECT COUNT(*), COUNT(DISTINCT id) FROM {views}.card",
        "SELECT COUNT(*), COUNT(*) FROM ("
        f"SELECT id FROM {{raw}}.customer_sources {LIVE} AND object = 'card' "
        f"UNION SELECT id FROM {{raw}}.account_external_accounts {LIVE} AND object = 'card' "
        f"UNION SELECT id FROM {{raw}}.payment_methods {LIVE} AND type = 'card' "
        f"UNION SELECT payment_method FROM {{raw}}.charges {LIVE} "
        "AND payment_method IS NOT NULL) AS every",
    ),
    "charge": (
        "SELECT currency, COUNT(*), SUM(amount), SUM(amount_refunded) FROM {views}.charge "
        "GROUP BY currency ORDER BY currency",
        "SELECT currency, COUNT(*), SUM(amount), SUM(amount_refunded) "
        f"FROM {{raw}}.charges {LIVE} GROUP BY currency ORDER BY currency",
    ),
    "charge of an invoice": (
        "SELECT COUNT(*) FROM {views}.charge WHERE invoice_id IS NOT NULL",
        "SELECT COUNT(*) FROM {raw}.charges AS c WHERE EXISTS (SELECT 1 FROM "
        "{raw}.invoice_payments AS p WHERE p.payment__payment_intent = c.payment_intent "
        "OR p.payment__charge = c.id)",
    ),
    "coupon": (
        "SELECT COUNT(*), SUM(amount_off) FROM {views}.coupon",
        "SELECT COUNT(*), SUM(amount_off) FROM {raw}.coupons",
    ),
    "credit_note": (
        "SELECT COUNT(*), SUM(total) FROM {views}.credit_note",
        f"SELECT COUNT(*), SUM(total) FROM {{raw}}.credit_notes {LIVE}",
    ),
    "credit_note_line_item": (
        "SELECT COUNT(*), SUM(amount) FROM {views}.credit_note_line_item",
        f"SELECT COUNT(*), SUM(amount) FROM {{raw}}.credit_note_line_items {LIVE}",
    ),
    "customer": (
        "SELECT COUNT(*), COUNT(DISTINCT id) FROM {views}.customer",
        "SELECT COUNT(*), COUNT(*) FROM (SELECT id FROM {raw}.customers "
        "UNION SELECT id FROM {raw}.customers_history WHERE is_deleted) AS every",
    ),
    "discount": (
        "SELECT COUNT(*), COUNT(DISTINCT id) FROM {views}.discount WHERE amount IS NULL",
        "SELECT COUNT(*), COUNT(*) FROM {raw}.discounts AS d WHERE NOT EXISTS (SELECT 1 FROM "
        "{raw}.invoices AS i WHERE CAST(i.total_discount_amounts AS TEXT) "
        "LIKE '%' || d.id || '%')",
    ),
    "dispute": (
        "SELECT COUNT(*), SUM(amount) FROM {views}.dispute",
        f"SELECT COUNT(*), SUM(amount) FROM {{raw}}.disputes {LIVE}",
    ),
    "fee": (
        "SELECT balance_transaction_id, SUM(amount) FROM {views}.fee "
        "GROUP BY balance_transaction_id ORDER BY 1",
        f"SELECT id, SUM(fee) FROM {{raw}}.balance_transactions {LIVE} "
        "AND CAST(fee_details AS TEXT) <> '[]' GROUP BY id ORDER BY 1",
    ),
    "invoice": (
        "SELECT currency, COUNT(*), SUM(total), SUM(amount_paid), SUM(COALESCE(tax, 0)) "
        "FROM {views}.invoice WHERE id NOT LIKE 'in_h%' GROUP BY currency ORDER BY currency",
        "SELECT currency, COUNT(*), SUM(total), SUM(amount_paid), "
        "SUM(total - total_excluding_tax) "
        "FROM {raw}.invoices WHERE id NOT LIKE 'in_h%' GROUP BY currency ORDER BY currency",
    ),
    "invoice_line_item": (
        "SELECT currency, COUNT(*), SUM(amount) FROM {views}.invoice_line_item "
        "GROUP BY currency ORDER BY currency",
        f"SELECT currency, COUNT(*), SUM(amount) FROM {{raw}}.invoice_line_items {LIVE} "
        "GROUP BY currency ORDER BY currency",
    ),
    "payment_intent": (
        "SELECT COUNT(*), SUM(amount_received) FROM {views}.payment_intent",
        f"SELECT COUNT(*), SUM(amount_received) FROM {{raw}}.payment_intents {LIVE}",
    ),
    "payment_method": (
        "SELECT COUNT(*), COUNT(DISTINCT id) FROM {views}.payment_method",
        "SELECT COUNT(*), COUNT(*) FROM ("
        f"SELECT id FROM {{raw}}.payment_methods {LIVE} UNION SELECT payment_method "
        f"FROM {{raw}}.charges {LIVE} AND payment_method LIKE 'pm_%') AS every",
    ),
    "payment_method_card": (
        "SELECT COUNT(*), COUNT(DISTINCT payment_method_id) FROM {views}.payment_method_card",
        "SELECT COUNT(*), COUNT(*) FROM ("
        f"SELECT id FROM {{raw}}.payment_methods {LIVE} AND type = 'card' UNION "
        f"SELECT payment_method FROM {{raw}}.charges {LIVE} AND payment_method LIKE 'pm_%' "
        "AND CAST(payment_method_details AS TEXT) LIKE '%\"card\"%') AS every",
    ),
    "payout": (
        "SELECT COUNT(*), SUM(amount) FROM {views}.payout",
        f"SELECT COUNT(*), SUM(amount) FROM {{raw}}.payouts {LIVE}",
    ),
    "payout_balance_transaction": (
        "SELECT COUNT(*), COUNT(DISTINCT payout_id) FROM {views}.payout_balance_transaction",
        "SELECT COUNT(*), COUNT(DISTINCT payout_id) "
        f"FROM {{raw}}.payout_balance_transactions {LIVE}",
    ),
    "plan": (
        "SELECT COUNT(*), SUM(amount) FROM {views}.plan",
        "SELECT COUNT(*), SUM(amount) FROM {raw}.plans",
    ),
    "price": (
        "SELECT COUNT(*), SUM(unit_amount) FROM {views}.price",
        "SELECT COUNT(*), SUM(unit_amount) FROM {raw}.prices",
    ),
    "product": (
        "SELECT COUNT(*) FROM {views}.product",
        "SELECT COUNT(*) FROM {raw}.products",
    ),
    "refund": (
        "SELECT COUNT(*), SUM(amount) FROM {views}.refund",
        f"SELECT COUNT(*), SUM(amount) FROM {{raw}}.refunds {LIVE}",
    ),
    "subscription_discount": (
        "SELECT COUNT(*), COUNT(DISTINCT id) FROM {views}.subscription_discount",
        "SELECT COUNT(*), COUNT(*) FROM {raw}.discounts "
        "WHERE subscription IS NOT NULL OR subscription_item IS NOT NULL",
    ),
    "subscription_history": (
        "SELECT COUNT(*), COUNT(DISTINCT id), SUM(quantity) FROM {views}.subscription_history "
        "WHERE _fivetran_active",
        f"SELECT COUNT(*), COUNT(*), (SELECT SUM(quantity) FROM {{raw}}.subscription_items {LIVE}) "
        f"FROM {{raw}}.subscriptions {LIVE}",
    ),
    "subscription_item": (
        "SELECT COUNT(*), SUM(quantity) FROM {views}.subscription_item",
        f"SELECT COUNT(*), SUM(quantity) FROM {{raw}}.subscription_items {LIVE}",
    ),
    "transfer": (
        "SELECT COUNT(*), SUM(amount) FROM {views}.transfer",
        f"SELECT COUNT(*), SUM(amount) FROM {{raw}}.transfers {LIVE}",
    ),
}
"""What is asked of a view, and what has to be the same of the tables."""


@pytest.mark.parametrize("name", PAIRS)
def test_counts_and_sums_are_those_of_the_tables(full: Full, name: str) -> None:
    """By currency where amounts are added up: no row is lost, and none is there twice."""
    of_view, of_tables = PAIRS[name]
    for each in full:
        found = each.ask(of_view)
        assert found == each.ask(of_tables)
        assert found
        assert found[0][0]


def test_what_discounts_took_is_what_invoices_say(full: Full) -> None:
    """A discount that is on several invoices counts once on each, with what it took there."""
    for each in full:
        (whole,) = each.ask("SELECT COUNT(*), SUM(amount) FROM {views}.discount WHERE amount > 0")
        texts = each.ask("SELECT CAST(total_discount_amounts AS TEXT) FROM {raw}.invoices")
        amounts = [part["amount"] for (text,) in texts for part in (json.loads(text or "[]") or [])]
        assert whole == (len(amounts), sum(amounts))
        (several,) = each.ask(
            "SELECT COUNT(*) FROM (SELECT id FROM {views}.discount GROUP BY id "
            "HAVING COUNT(*) > 1) AS d"
        )
        assert several[0] > 0
