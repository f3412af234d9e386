"""Ten objects of each kind, as Stripe's API gives them, each with every field that matters.

What the views have to make of them is in ``answers.py``, worked out by hand. The n-th objects
belong together: customer, subscription, invoice, payment, balance transaction, payout, dispute.
Even ones were paid through a payment intent, odd ones by a charge alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stripe_source.simulator import Simulator
from stripe_source.simulator.shapes import blank

Json = dict[str, Any]
TEN = range(10)
DAY = 86_400
START = 1_785_000_000  # 2026-07-25 17:20:00 UTC
CURRENCIES = ("usd", "eur", "jpy", "kwd", "gbp")


def at(n: int, days: int = 0) -> int:
    """A time of the n-th objects, some days after they were made."""
    return START + n * DAY + days * DAY


def currency(n: int) -> str:
    """That of the n-th objects; yen have no minor unit, dinars three places."""
    return CURRENCIES[n % len(CURRENCIES)]


def address(n: int, where: str) -> Json:
    """An address in which no two fields are alike."""
    return {
        "city": f"{where} city {n}",
        "country": "US",
        "line1": f"{n} {where} street",
        "line2": f"{where} floor {n}",
        "postal_code": f"{where[:1]}-{n:05}",
        "state": f"{where} state {n}",
    }


def shipping(n: int) -> Json:
    """Where something is sent."""
    return {
        "address": address(n, "shipping"),
        "name": f"Shipped to {n}",
        "phone": f"+1-555-01{n}",
        "carrier": f"carrier {n}",
        "tracking_number": f"track {n}",
    }


def stripe_list(url: str, *rows: Json) -> Json:
    """A list that an object owns."""
    return {"object": "list", "data": list(rows), "has_more": False, "url": url}


def made(name: str, n: int, identifier: str, /, **fields: Any) -> Json:
    """An object in the shape of the pinned version."""
    whole = blank(name, id=identifier)
    dated = {"created": at(n)} if "created" in whole else {}
    live = {"livemode": False} if "livemode" in whole else {}
    return whole | {"object": name} | dated | live | fields


def account_of(n: int) -> Json:
    """A connected account."""
    company = {"name": f"Company {n}", "address": address(n, "company"), "phone": f"+44 {n}"}
    return made(
        "account", n, f"acct_h{n}", company=company, country="GB", email=f"a{n}@example.com",
        business_type="company", charges_enabled=True, payouts_enabled=n % 2 == 0,
        default_currency=currency(n), type="express", metadata={"n": str(n)},
        business_profile={"mcc": f"573{n}", "name": f"Shop {n}"},
    )  # fmt: skip


def product(n: int) -> Json:
    """What is sold."""
    return made("product", n, f"prod_h{n}", name=f"Product {n}", type="service", active=n != 9,
                updated=at(n, 1), description=f"What {n} is", unit_label="seat")  # fmt: skip


def price(n: int) -> Json:
    """For how much a month, or every three of them."""
    recurring = {"interval": "month", "interval_count": 1 + 2 * (n % 2), "usage_type": "licensed"}
    return made("price", n, f"price_h{n}", product=f"prod_h{n}", nickname=f"Price {n}",
                currency=currency(n), unit_amount=1000 + n, unit_amount_decimal=f"{1000 + n}",
                recurring=recurring, active=n != 9, type="recurring",
                billing_scheme="per_unit")  # fmt: skip


def plan(n: int) -> Json:
    """The same, as it was called before."""
    return made("plan", n, f"price_h{n}", product=f"prod_h{n}", nickname=f"Price {n}",
                currency=currency(n), amount=1000 + n, amount_decimal=f"{1000 + n}",
                interval="month", interval_count=1 + 2 * (n % 2), active=n != 9,
                billing_scheme="per_unit", usage_type="licensed")  # fmt: skip


def coupon(n: int) -> Json:
    """Even ones take off a share, odd ones an amount."""
    off: Json = {"percent_off": 10.5 + n} if n % 2 == 0 else {"amount_off": 100 + n}
    return made("coupon", n, f"co_h{n}", currency=None if n % 2 == 0 else currency(n),
                duration="repeating", duration_in_months=n + 1, name=f"Coupon {n}", valid=True,
                **off)  # fmt: skip


def discount(n: int) -> Json:
    """The n-th subscription's, of the n-th coupon; the last one is of its item."""
    whose = {"subscription_item": "si_h9"} if n == 9 else {"subscription": f"sub_h{n}"}
    return made("discount", n, f"di_h{n}", customer=f"cus_h{n}", start=at(n), end=at(n, 30),
                source={"coupon": f"co_h{n}", "type": "coupon"}, **whose)  # fmt: skip


SOURCES = ("card_h{}", "ba_h{}", "src_h{}")


def customer(n: int) -> Json:
    """Its default source is a card, a bank account or a source by turns."""
    return made("customer", n, f"cus_h{n}", name=f"Customer {n}", email=f"c{n}@example.com",
                phone=f"+1 {n}", description=f"The {n}th", balance=-100 * n, delinquent=n == 3,
                currency=currency(n), address=address(n, "home"), shipping=shipping(n),
                default_source=SOURCES[n % 3].format(n), tax_exempt="none",
                metadata={"crm": f"x{n}"})  # fmt: skip


def card(n: int) -> Json:
    """A card of a customer, from before payment methods."""
    where = address(n, "card")
    return made("card", n, f"card_h{n}", customer=f"cus_h{n}", brand="Visa", country="FR",
                funding="debit", name=f"Holder {n}", tokenization_method="apple_pay",
                address_city=where["city"], address_country=where["country"],
                address_line1=where["line1"], address_line2=where["line2"],
                address_state=where["state"], address_zip=where["postal_code"])  # fmt: skip


def payment_method(n: int) -> Json:
    """A card; of the last three no list tells, for they belong to nobody."""
    return made("payment_method", n, f"pm_h{n}", type="card", customer=f"cus_h{n}",
                billing_details=billing(n),
                card=blank_card(n), metadata={"m": str(n)})  # fmt: skip


def billing(n: int) -> Json:
    """Who pays."""
    return {"address": address(n, "bill"), "email": f"p{n}@example.com", "name": f"Payer {n}",
            "phone": f"+49 {n}", "tax_id": None}  # fmt: skip


def blank_card(n: int) -> Json:
    """A card as a payment method has it."""
    whole: Json = dict(blank("payment_method")["card"] or {})
    return whole | {"brand": "mastercard", "country": "DE", "funding": "credit",
                    "last4": f"000{n}", "exp_month": 1, "exp_year": 2030,
                    "wallet": {"type": "google_pay"} if n == 0 else None,
                    "generated_from": {"charge": f"ch_h{n}"}}  # fmt: skip


def charge(n: int) -> Json:
    """A payment; the fourth by a card as they were, the last three by cards of nobody."""
    secure = {"version": "2.2.0", "result": "authenticated", "result_reason": None,
              "authentication_flow": "challenge"}  # fmt: skip
    details = {"type": "card", "card": {"brand": "mastercard", "country": "DE", "funding": "credit",
                                        "three_d_secure": secure, "wallet": None}}  # fmt: skip
    old = {"object": "card", "id": "card_h3"} if n == 3 else None
    return made("charge", n, f"ch_h{n}", amount=5000 + n, currency=currency(n),
                customer=f"cus_h{n}", balance_transaction=f"txn_h{n}", captured=True, paid=n != 8,
                status="failed" if n == 8 else "succeeded", refunded=n == 4,
                amount_refunded=300 if n == 5 else 0, receipt_email=f"r{n}@example.com",
                statement_descriptor=f"SHOP {n}", shipping=shipping(n), billing_details=billing(n),
                payment_intent=f"pi_h{n}" if n % 2 == 0 else None, source=old,
                payment_method=None if n == 3 else f"pm_h{n}", payment_method_details=details,
                failure_code="card_declined" if n == 8 else None)  # fmt: skip


def payment_intent(n: int) -> Json:
    """What the charge of an even number was made for."""
    error = {"code": "card_declined", "decline_code": "do_not_honor", "charge": "ch_h8",
             "message": "No", "type": "card_error", "source": {"id": "src_h8"}}  # fmt: skip
    return made("payment_intent", n, f"pi_h{n}", amount=5000 + n, currency=currency(n),
                customer=f"cus_h{n}", latest_charge=f"ch_h{n}", status="succeeded",
                payment_method=f"pm_h{n}", application_fee_amount=7 * n,
                last_payment_error=error if n == 8 else None)  # fmt: skip


def line(n: int, k: int) -> Json:
    """A line: of a subscription's item, of an invoice item, or (the third) with inclusive tax."""
    item = {"subscription": f"sub_h{n}", "subscription_item": f"si_h{n}", "proration": False,
            "invoice_item": None, "proration_details": None}  # fmt: skip
    other = {"subscription": f"sub_h{n}", "invoice_item": f"ii_h{n}", "proration": True,
             "proration_details": None}  # fmt: skip
    parent: Json = {"type": "subscription_item_details", "subscription_item_details": item,
                    "invoice_item_details": None}  # fmt: skip
    if k == 1:
        parent = {"type": "invoice_item_details", "invoice_item_details": other,
                  "subscription_item_details": None}  # fmt: skip
    taxes = [{"amount": 60, "tax_behavior": "inclusive", "type": "tax_rate_details"}]
    exclusive = [{"amount": 90, "tax_behavior": "exclusive", "type": "tax_rate_details"}]
    return made(
        "line_item", n, f"sub_h{n}_line" if k == 1 and n == 7 else f"il_h{n}_{k}",
        invoice=f"in_h{n}", amount=300 * (k + 1), currency=currency(n), quantity=k + 1,
        description=f"Line {k} of {n}", discountable=k == 0, parent=parent,
        subscription=f"sub_h{n}", period={"start": at(n, k), "end": at(n, 30 + k)},
        pricing={"type": "price_details", "unit_amount_decimal": "300.5" if k == 0 else "300",
                 "price_details": {"price": f"price_h{n}", "product": f"prod_h{n}"}},
        taxes=taxes if k == 2 else exclusive, discount_amounts=[], discounts=[],
    )  # fmt: skip


def invoice(n: int) -> Json:
    """Of three lines, a discount and two taxes."""
    details = {"subscription": f"sub_h{n}", "metadata": None,
               "subscription_proration_date": at(n, 2)}  # fmt: skip
    return made(
        "invoice", n, f"in_h{n}", number=f"N-{n}", customer=f"cus_h{n}", currency=currency(n),
        status="open" if n == 8 else "paid", amount_due=2000 + n, attempt_count=n,
        amount_paid=0 if n == 8 else 2000 + n, amount_remaining=2000 + n if n == 8 else 0,
        subtotal=1800, total=2000 + n, description=f"Invoice {n}", due_date=at(n, 14),
        period_start=at(n), period_end=at(n, 30), collection_method="send_invoice",
        parent={"type": "subscription_details", "subscription_details": details},
        total_taxes=[{"amount": 200}, {"amount": n}], discounts=[f"di_h{n}"],
        total_discount_amounts=[{"amount": 50 + n, "discount": f"di_h{n}"}],
        lines=stripe_list(f"/v1/invoices/in_h{n}/lines", *(line(n, k) for k in range(3))),
    )  # fmt: skip


def invoice_payment(n: int) -> Json:
    """What pays the invoice: a payment intent, or a charge. The fifth is the second try."""
    paid = {"type": "payment_intent", "payment_intent": f"pi_h{n}"}
    alone = {"type": "charge", "charge": f"ch_h{n}"}
    return made("invoice_payment", n, f"inpay_h{n}", invoice=f"in_h{n}", is_default=n != 4,
                status="open" if n == 8 else "paid", currency=currency(n),
                amount_requested=5000 + n, payment=paid if n % 2 == 0 else alone)  # fmt: skip


def first_try() -> Json:
    """A payment of the fifth invoice that was given up, though it was the default one."""
    return made("invoice_payment", 3, "inpay_a4", invoice="in_h4", is_default=True,
                status="canceled", currency=currency(4), amount_requested=5004,
                payment={"type": "payment_intent", "payment_intent": "pi_given_up"})  # fmt: skip


def invoice_item(n: int) -> Json:
    """What a proration was made of."""
    details = {"subscription": f"sub_h{n}", "subscription_item": f"si_old{n}"}
    return made("invoiceitem", n, f"ii_h{n}", date=at(n), customer=f"cus_h{n}", amount=600,
                currency=currency(n), invoice=f"in_h{n}", proration=True,
                parent={"type": "subscription_details",
                        "subscription_details": details})  # fmt: skip


def item(n: int, k: int) -> Json:
    """One of a subscription's two items, whose periods are apart."""
    known: Json = dict(price(n))
    return made("subscription_item", n, f"si_h{n}" if k == 0 else f"si_h{n}_{k}",
                subscription=f"sub_h{n}", quantity=2 + k + n, price=known, plan=plan(n),
                current_period_start=at(n, k), current_period_end=at(n, 30 + k),
                discounts=["di_h9"] if n == 9 and k == 0 else [], metadata={"k": str(k)},
                tax_rates=[])  # fmt: skip


def subscription(n: int) -> Json:
    """Of two items."""
    return made(
        "subscription", n, f"sub_h{n}", customer=f"cus_h{n}", currency=currency(n),
        status="canceled" if n == 6 else "active", collection_method="send_invoice",
        billing_cycle_anchor=at(n), start_date=at(n), days_until_due=14 + n,
        cancel_at=at(n, 90), cancel_at_period_end=n == 2, canceled_at=at(n, 20) if n == 6 else None,
        ended_at=at(n, 21) if n == 6 else None, latest_invoice=f"in_h{n}",
        discounts=[] if n == 9 else [f"di_h{n}"],
        items=stripe_list(f"/v1/subscription_items?subscription=sub_h{n}", item(n, 0), item(n, 1)),
    )  # fmt: skip


def balance_transaction(n: int) -> Json:
    """What the charge brought, less two fees."""
    fees = [{"amount": 30, "currency": currency(n), "type": "stripe_fee", "application": None,
             "description": "Stripe processing fees"},
            {"amount": n, "currency": currency(n), "type": "application_fee",
             "application": f"ca_h{n}", "description": "The platform's"}]  # fmt: skip
    return made("balance_transaction", n, f"txn_h{n}", amount=5000 + n, currency=currency(n),
                fee=30 + n, net=4970, source=f"ch_h{n}", type="charge", status="available",
                reporting_category="charge", available_on=at(n, 2), exchange_rate=1.25,
                description=f"Payment {n}", fee_details=fees)  # fmt: skip


def payout(n: int) -> Json:
    """To a bank account; the last one to a card, by hand."""
    return made("payout", n, f"po_h{n}", amount=4970, currency=currency(n), status="paid",
                arrival_date=at(n, 4), automatic=n != 9, balance_transaction=f"txn_h{n}",
                description="STRIPE PAYOUT", destination="card_h9" if n == 9 else f"ba_h{n}",
                type="card" if n == 9 else "bank_account", method="standard",
                source_type="card")  # fmt: skip


def refund(n: int) -> Json:
    """Two parts of the sixth charge, others whole."""
    of = 5 if n == 6 else n
    return made("refund", n, f"re_h{n}", amount=100 if of == 5 else 5000 + n, charge=f"ch_h{of}",
                currency=currency(of), balance_transaction=f"txn_h{n}", status="succeeded",
                reason="requested_by_customer",
                payment_intent=f"pi_h{of}" if of % 2 == 0 else None)  # fmt: skip


def dispute(n: int) -> Json:
    """With two balance transactions: taken, and given back."""
    evidence = dict(blank("dispute")["evidence"]) | {"customer_name": f"Customer {n}"}
    return made("dispute", n, f"du_h{n}", amount=5000 + n, currency=currency(n), charge=f"ch_h{n}",
                reason="fraudulent", status="won", is_charge_refundable=n == 1, evidence=evidence,
                evidence_details={"due_by": at(n, 9), "has_evidence": True, "past_due": False,
                                  "submission_count": n},
                balance_transactions=[{"id": f"txn_h{n}"},
                                      {"id": f"txn_back{n}"}])  # fmt: skip


def credit_note(n: int) -> Json:
    """Of one line, and of two refunds."""
    one = made("credit_note_line_item", n, f"cnli_h{n}", amount=400 + n, description="Back",
               discount_amount=0, quantity=1, type="custom_line_item", unit_amount=400 + n,
               unit_amount_decimal=f"{400 + n}",
               discount_amounts=[{"amount": 3, "discount": f"di_h{n}"}])  # fmt: skip
    return made("credit_note", n, f"cn_h{n}", amount=400 + n, currency=currency(n),
                invoice=f"in_h{n}", customer=f"cus_h{n}", status="issued", subtotal=400 + n,
                total=400 + n, number=f"N-{n}-CN", type="post_payment", reason="duplicate",
                refunds=[{"refund": f"re_h{n}", "amount_refunded": 1}, {"refund": "re_other"}],
                lines=stripe_list(f"/v1/credit_notes/cn_h{n}/lines", one))  # fmt: skip


def transfer(n: int) -> Json:
    """To a connected account."""
    return made("transfer", n, f"tr_h{n}", amount=700 + n, currency=currency(n),
                balance_transaction=f"txn_h{n}", destination=f"acct_h{n}",
                destination_payment=f"py_h{n}", source_transaction=f"ch_h{n}",
                transfer_group=f"group {n}", source_type="card",
                reversals=stripe_list(f"/v1/transfers/tr_h{n}/reversals"))  # fmt: skip


PATHS = {
    "/v1/accounts": account_of,
    "/v1/products": product,
    "/v1/prices": price,
    "/v1/plans": plan,
    "/v1/coupons": coupon,
    "/v1/customers": customer,
    "/v1/invoiceitems": invoice_item,
    "/v1/invoices": invoice,
    "/v1/invoice_payments": invoice_payment,
    "/v1/subscriptions": subscription,
    "/v1/payment_intents": payment_intent,
    "/v1/charges": charge,
    "/v1/refunds": refund,
    "/v1/disputes": dispute,
    "/v1/credit_notes": credit_note,
    "/v1/transfers": transfer,
    "/v1/payouts": payout,
}


def objects() -> Iterator[tuple[str, Json, Json | None]]:
    """Each object with its list, and what only a filter sees of it."""
    for path, make in PATHS.items():
        for n in TEN:
            if path != "/v1/payment_intents" or n % 2 == 0:
                yield path, make(n), None
    yield "/v1/invoice_payments", first_try(), None
    for n in TEN:
        yield "/v1/balance_transactions", balance_transaction(n), {"payout": f"po_h{n}"}
        if n < 7:
            yield "/v1/payment_methods", payment_method(n), None


def add_ten_of_each(simulator: Simulator) -> None:
    """Put them into an account."""
    account = simulator.account
    with account.lock:
        for n in TEN:
            account.add(discount(n), at=at(n), event=None)
            account.add(card(n), at=at(n), hidden={"customer": f"cus_h{n}"}, event=None)
    for path, made_object, hidden in objects():
        account.insert(path, made_object, hidden=hidden, event=False)
