"""What the views have to make of the objects in ``objects.py``, by hand.

Each function says what the n-th row of a table is, in every column that reaches one of the models
that Fivetran ships, and in those that Stripe has moved since that schema was made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
FIRST = datetime(2026, 7, 25, 17, 20)
OPEN_END = datetime(9999, 12, 31, 23, 59, 59, 999_000)
CURRENCIES = "usd eur jpy kwd gbp usd eur jpy kwd gbp".split()


def on(n: int, days: int = 0) -> datetime:
    """The time of the n-th objects, some days later."""
    return FIRST + timedelta(days=n + days)


def place(n: int, where: str, prefix: str, code: str = "postal_code") -> Row:
    """The columns of an address."""
    return {
        f"{prefix}address_city": f"{where} city {n}",
        f"{prefix}address_country": "US",
        f"{prefix}address_line_1": f"{n} {where} street",
        f"{prefix}address_line_2": f"{where} floor {n}",
        f"{prefix}address_{code}": f"{where[:1]}-{n:05}",
        f"{prefix}address_state": f"{where} state {n}",
    }


def account(n: int) -> Row:
    return {"id": f"acct_h{n}", "company_name": f"Company {n}", "country": "GB",
            "is_deleted": False, "default_currency": CURRENCIES[n], "created": on(n),
            "business_profile_mcc": f"573{n}", "metadata": f'{{"n":"{n}"}}',
            "company_address_line_2": f"company floor {n}",
            "payouts_enabled": n % 2 == 0}  # fmt: skip


def balance_transaction(n: int) -> Row:
    return {"id": f"txn_h{n}", "amount": 5000 + n, "available_on": on(n, 2), "created": on(n),
            "connected_account_id": None, "currency": CURRENCIES[n], "description": f"Payment {n}",
            "fee": 30 + n, "net": 4970, "reporting_category": "charge", "source": f"ch_h{n}",
            "type": "charge", "exchange_rate": 1.25,
            "payout_id": None if n == 9 else f"po_h{n}"}  # fmt: skip


def card(n: int) -> Row:
    return {"id": f"card_h{n}", "brand": "Visa", "country": "FR", "funding": "debit",
            "customer_id": f"cus_h{n}", "wallet_type": "apple_pay", "name": f"Holder {n}",
            **place(n, "card", "", "zip")}  # fmt: skip


def card_of_payment_method(n: int) -> Row:
    """Of the last three the charges tell."""
    listed = n < 7
    return {"id": f"pm_h{n}", "brand": "mastercard", "country": "DE", "funding": "credit",
            "customer_id": f"cus_h{n}", "name": f"Payer {n}",
            "wallet_type": "google_pay" if n == 0 else None,
            "metadata": f'{{"m":"{n}"}}' if listed else None,
            **place(n, "bill", "", "zip")}  # fmt: skip


def charge(n: int) -> Row:
    return {"id": f"ch_h{n}", "amount": 5000 + n, "balance_transaction_id": f"txn_h{n}",
            "captured": True, "card_id": "card_h3" if n == 3 else f"pm_h{n}",
            "connected_account_id": None, "created": on(n), "currency": CURRENCIES[n],
            "customer_id": f"cus_h{n}", "invoice_id": f"in_h{n}", "livemode": False,
            "payment_intent_id": f"pi_h{n}" if n % 2 == 0 else None,
            "payment_method_id": None if n == 3 else f"pm_h{n}", "refunded": n == 4,
            "receipt_email": f"r{n}@example.com", "statement_descriptor": f"SHOP {n}",
            "status": "failed" if n == 8 else "succeeded",
            "source_id": "card_h3" if n == 3 else None, "bank_account_id": None,
            "billing_detail_address_line2": f"bill floor {n}",
            **place(n, "shipping", "shipping_")}  # fmt: skip


def coupon(n: int) -> Row:
    even = n % 2 == 0
    return {"id": f"co_h{n}", "amount_off": None if even else 100 + n,
            "percent_off": 10.5 + n if even else None, "duration": "repeating",
            "currency": None if even else CURRENCIES[n], "duration_in_months": n + 1,
            "livemode": False, "name": f"Coupon {n}", "valid": True}  # fmt: skip


def credit_note(n: int) -> Row:
    return {"id": f"cn_h{n}", "livemode": False, "amount": 400 + n, "invoice_id": f"in_h{n}",
            "refund_id": f"re_h{n}", "customer_balance_transaction": None, "created": on(n),
            "reason": "duplicate", "currency": CURRENCIES[n]}  # fmt: skip


def credit_note_line_item(n: int) -> Row:
    return {"id": f"cnli_h{n}", "credit_note_id": f"cn_h{n}", "livemode": False, "amount": 400 + n,
            "quantity": 1, "unit_amount": 400 + n, "unit_amount_decimal": 400 + n}  # fmt: skip


def customer(n: int) -> Row:
    kind = n % 3
    return {"id": f"cus_h{n}", "account_balance": -100 * n, "balance": -100 * n,
            "default_card_id": f"card_h{n}" if kind == 0 else None,
            "bank_account_id": f"ba_h{n}" if kind == 1 else None,
            "source_id": f"src_h{n}" if kind == 2 else None, "created": on(n),
            "currency": CURRENCIES[n], "delinquent": n == 3, "description": f"The {n}th",
            "email": f"c{n}@example.com", "is_deleted": False, "name": f"Customer {n}",
            "phone": f"+1 {n}", "livemode": False, "shipping_name": f"Shipped to {n}",
            "shipping_phone": f"+1-555-01{n}", "metadata": f'{{"crm":"x{n}"}}',
            **place(n, "home", ""), **place(n, "shipping", "shipping_")}  # fmt: skip


def discount(n: int) -> Row:
    return {"id": f"di_h{n}", "invoice_id": f"in_h{n}", "amount": 50 + n, "coupon_id": f"co_h{n}",
            "customer_id": f"cus_h{n}", "subscription_id": f"sub_h{n}",
            "type": "subscription",
            "type_id": f"sub_h{n}", "credit_note_line_item_id": f"cnli_h{n}",
            "start": f"{on(n)}", "end": f"{on(n, 30)}"}  # fmt: skip


def dispute(n: int) -> Row:
    return {"id": f"du_h{n}", "amount": 5000 + n, "charge_id": f"ch_h{n}", "created": on(n),
            "reason": "fraudulent", "status": "won", "livemode": False,
            "balance_transaction": f"txn_h{n}", "evidence_customer_name": f"Customer {n}",
            "evidence_details_due_by": on(n, 9), "evidence_details_submission_count": n,
            "is_charge_refundable": n == 1}  # fmt: skip


def fee(n: int) -> Row:
    """The first of the two."""
    return {"balance_transaction_id": f"txn_h{n}", "index": 0, "amount": 30, "application": None,
            "currency": CURRENCIES[n], "type": "stripe_fee",
            "description": "Stripe processing fees"}  # fmt: skip


def second_fee(n: int) -> Row:
    return {"balance_transaction_id": f"txn_h{n}", "index": 1, "amount": n,
            "application": f"ca_h{n}", "type": "application_fee"}  # fmt: skip


def invoice(n: int) -> Row:
    """Even ones have the last charge of their payment intent."""
    unpaid = n == 8
    return {"id": f"in_h{n}", "amount_due": 2000 + n, "amount_paid": 0 if unpaid else 2000 + n,
            "amount_remaining": 2000 + n if unpaid else 0, "attempt_count": n,
            "charge_id": f"ch_h{n}", "created": on(n), "currency": CURRENCIES[n],
            "customer_id": f"cus_h{n}", "description": f"Invoice {n}", "due_date": on(n, 14),
            "number": f"N-{n}", "period_start": on(n), "period_end": on(n, 30),
            "status": "open" if unpaid else "paid", "subscription_id": f"sub_h{n}",
            "subtotal": 1800, "tax": 200 + n, "total": 2000 + n, "is_deleted": False,
            "livemode": False, "paid": not unpaid,
            "payment_intent_id": f"pi_h{n}" if n % 2 == 0 else None,
            "application_fee_amount": 7 * n if n % 2 == 0 else None,
            "subscription_proration_date": 1_785_000_000 + (n + 2) * 86_400,
            "billing": "send_invoice", "date": on(n)}  # fmt: skip


def invoice_line_item(n: int) -> Row:
    """The line of the subscription's item, to which tax is added."""
    return {"id": f"il_h{n}_0", "amount": 300, "currency": CURRENCIES[n], "discountable": True,
            "description": f"Line 0 of {n}", "invoice_id": f"in_h{n}", "invoice_item_id": None,
            "period_start": on(n), "period_end": on(n, 30), "plan_id": f"price_h{n}",
            "price_id": f"price_h{n}", "proration": False, "quantity": 1,
            "subscription_id": f"sub_h{n}", "subscription_item_id": f"si_h{n}",
            "type": "subscription", "unique_id": f"il_h{n}_0", "livemode": False,
            "unit_amount_excluding_tax": "300.5"}  # fmt: skip


def prorated_line(n: int) -> Row:
    """That of an invoice item: the subscription's item is known through it."""
    identifier = "sub_h7_line" if n == 7 else f"il_h{n}_1"
    return {"id": identifier, "unique_id": identifier, "amount": 600, "quantity": 2,
            "invoice_item_id": f"ii_h{n}", "proration": True, "type": "invoiceitem",
            "subscription_id": f"sub_h{n}", "subscription_item_id": f"si_old{n}",
            "unit_amount_excluding_tax": "300"}  # fmt: skip


def inclusive_line(n: int) -> Row:
    """Three for 900, of which 60 are tax: 280 each without."""
    return {"id": f"il_h{n}_2", "amount": 900, "quantity": 3,
            "unit_amount_excluding_tax": "280"}  # fmt: skip


def payment_intent(n: int) -> Row:
    return {"id": f"pi_h{n}", "livemode": False, "amount": 5000 + n, "customer_id": f"cus_h{n}",
            "last_payment_error_code": "card_declined" if n == 8 else None,
            "last_payment_error_charge_id": "ch_h8" if n == 8 else None,
            "last_payment_error_source_id": "src_h8" if n == 8 else None}  # fmt: skip


def payment_method(n: int) -> Row:
    """The last three are in no list, but in the charges."""
    return {"id": f"pm_h{n}", "type": "card", "livemode": False, "customer_id": f"cus_h{n}",
            "created": on(n) if n < 7 else None, "billing_detail_email": f"p{n}@example.com",
            "billing_detail_address_line_2": f"bill floor {n}"}  # fmt: skip


def payment_method_card(n: int) -> Row:
    charged = n != 3
    return {"payment_method_id": f"pm_h{n}", "brand": "mastercard", "funding": "credit",
            "type": "card", "charge_id": f"ch_h{n}" if n < 7 else None,
            "wallet_type": "google_pay" if n == 0 else None,
            "three_d_secure_version": "2.2.0" if charged else None,
            "three_d_secure_result": "authenticated" if charged else None,
            "three_d_secure_authentication_flow": "challenge" if charged else None}  # fmt: skip


def payout(n: int) -> Row:
    return {"id": f"po_h{n}", "arrival_date": on(n, 4), "automatic": n != 9,
            "balance_transaction_id": f"txn_h{n}", "created": on(n), "currency": CURRENCIES[n],
            "description": "STRIPE PAYOUT", "status": "paid", "livemode": False,
            "destination_bank_account_id": None if n == 9 else f"ba_h{n}",
            "destination_card_id": "card_h9" if n == 9 else None, "amount": 4970,
            "type": "card" if n == 9 else "bank_account"}  # fmt: skip


def payout_balance_transaction(n: int) -> Row:
    """Of the last one, which was made by hand, Stripe doesn't say what is in it."""
    return {"payout_id": f"po_h{n}", "balance_transaction_id": f"txn_h{n}"}


def price(n: int) -> Row:
    return {"id": f"price_h{n}", "active": n != 9, "currency": CURRENCIES[n], "livemode": False,
            "nickname": f"Price {n}", "product_id": f"prod_h{n}", "recurring_interval": "month",
            "recurring_interval_count": 1 + 2 * (n % 2), "unit_amount": 1000 + n,
            "unit_amount_decimal": f"{1000 + n}", "is_deleted": False,
            "recurring_usage_type": "licensed"}  # fmt: skip


def plan(n: int) -> Row:
    return {"id": f"price_h{n}", "active": n != 9, "amount": 1000 + n, "currency": CURRENCIES[n],
            "interval": "month", "interval_count": 1 + 2 * (n % 2), "nickname": f"Price {n}",
            "product_id": f"prod_h{n}", "livemode": False, "is_deleted": False}  # fmt: skip


def product(n: int) -> Row:
    return {"id": f"prod_h{n}", "name": f"Product {n}", "type": "service", "livemode": False,
            "updated": on(n, 1), "active": n != 9, "is_deleted": False}  # fmt: skip


def refund(n: int) -> Row:
    """The sixth and the seventh are parts of one charge."""
    of = 5 if n == 6 else n
    return {"id": f"re_h{n}", "amount": 100 if of == 5 else 5000 + n, "charge_id": f"ch_h{of}",
            "balance_transaction_id": f"txn_h{n}", "reason": "requested_by_customer",
            "currency": CURRENCIES[of]}  # fmt: skip


def subscription_history(n: int) -> Row:
    """Its period is that of its two items, which are a day apart."""
    return {"id": f"sub_h{n}", "billing": "send_invoice", "billing_cycle_anchor": on(n),
            "cancel_at": on(n, 90), "cancel_at_period_end": n == 2,
            "canceled_at": on(n, 20) if n == 6 else None, "created": on(n),
            "current_period_start": on(n), "current_period_end": on(n, 31),
            "customer_id": f"cus_h{n}", "days_until_due": 14 + n,
            "ended_at": on(n, 21) if n == 6 else None, "latest_invoice_id": f"in_h{n}",
            "start_date": on(n), "status": "canceled" if n == 6 else "active",
            "_fivetran_active": True, "_fivetran_end": OPEN_END, "livemode": False,
            "quantity": 5 + 2 * n}  # fmt: skip


def subscription_discount(n: int) -> Row:
    return {"id": f"di_h{n}", "subscription_id": f"sub_h{n}", "coupon_id": f"co_h{n}",
            "customer_id": f"cus_h{n}", "start": f"{on(n)}", "end": f"{on(n, 30)}"}  # fmt: skip


def subscription_item(n: int) -> Row:
    return {"id": f"si_h{n}", "subscription_id": f"sub_h{n}", "plan_id": f"price_h{n}",
            "quantity": 2 + n, "created": on(n), "current_period_start": on(n),
            "current_period_end": on(n, 30), "metadata": '{"k":"0"}'}  # fmt: skip


def second_item(n: int) -> Row:
    return {"id": f"si_h{n}_1", "subscription_id": f"sub_h{n}", "quantity": 3 + n,
            "current_period_end": on(n, 31)}  # fmt: skip


def transfer(n: int) -> Row:
    return {"id": f"tr_h{n}", "balance_transaction_id": f"txn_h{n}", "livemode": False,
            "amount": 700 + n, "destination": f"acct_h{n}", "destination_payment_id": f"py_h{n}",
            "source_transaction_id": f"ch_h{n}", "transfer_group": f"group {n}"}  # fmt: skip


KINDS: list[tuple[str, Callable[[int], Row], frozenset[int]]] = [
    ("account", account, frozenset()),
    ("balance_transaction", balance_transaction, frozenset()),
    ("card", card, frozenset()),
    ("card", card_of_payment_method, frozenset()),
    ("charge", charge, frozenset()),
    ("coupon", coupon, frozenset()),
    ("credit_note", credit_note, frozenset()),
    ("credit_note_line_item", credit_note_line_item, frozenset()),
    ("customer", customer, frozenset()),
    ("discount", discount, frozenset()),
    ("dispute", dispute, frozenset()),
    ("fee", fee, frozenset()),
    ("fee", second_fee, frozenset()),
    ("invoice", invoice, frozenset()),
    ("invoice_line_item", invoice_line_item, frozenset()),
    ("invoice_line_item", prorated_line, frozenset()),
    ("invoice_line_item", inclusive_line, frozenset()),
    ("payment_intent", payment_intent, frozenset({1, 3, 5, 7, 9})),
    ("payment_method", payment_method, frozenset()),
    ("payment_method_card", payment_method_card, frozenset()),
    ("payout", payout, frozenset()),
    ("payout_balance_transaction", payout_balance_transaction, frozenset({9})),
    ("plan", plan, frozenset()),
    ("price", price, frozenset()),
    ("product", product, frozenset()),
    ("refund", refund, frozenset()),
    ("subscription_discount", subscription_discount, frozenset()),
    ("subscription_history", subscription_history, frozenset()),
    ("subscription_item", subscription_item, frozenset()),
    ("subscription_item", second_item, frozenset()),
    ("transfer", transfer, frozenset()),
]
"""Each kind of row: its table, what it is, and the numbers of which there is none."""
KEYS = {"fee": ("balance_transaction_id", "index"),
        "payment_method_card": ("payment_method_id",),
        "payout_balance_transaction": ("payout_id", "balance_transaction_id")}  # fmt: skip
"""What a row is known by, where that is not ``id``."""
