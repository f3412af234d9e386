"""Payment methods, setup intents, payment intents, charges and refunds."""

from __future__ import annotations

from .recording import Script

CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
EURO = {"currency": "eur"}


def payment_methods(run: Script) -> None:
    """Cards from numbers and test tokens, attached and detached."""
    v1 = run.v1
    payer = run("payer", v1.customers.create, {"email": "payer@x.y"}).id()
    to = {"customer": payer}
    card = run("card", v1.payment_methods.create, {"type": "card", "card": CARD}).id()
    run("card read", v1.payment_methods.retrieve, card)
    run("card attached", v1.payment_methods.attach, card, to)
    run("card made the default", v1.customers.update, payer, {
        "invoice_settings": {"default_payment_method": card}})  # fmt: skip
    token = run("test card attached", v1.payment_methods.attach, "pm_card_visa", to).id()
    run("cards", v1.payment_methods.list, to | {"type": "card"})
    run("card detached", v1.payment_methods.detach, token)
    run("cards left", v1.payment_methods.list, to | {"type": "card"})
    run("card of a bad month", v1.payment_methods.create, {
        "type": "card", "card": CARD | {"exp_month": 13}})  # fmt: skip
    run("card of a past year", v1.payment_methods.create, {
        "type": "card", "card": CARD | {"exp_year": 2018}})  # fmt: skip
    run("payment method of no type", v1.payment_methods.create, {"card": CARD})
    run("refused card attached", v1.payment_methods.attach, "pm_card_visa_chargeDeclined", to)
    run("card attached to nobody", v1.payment_methods.attach, "pm_card_visa", {
        "customer": "cus_unknown"})  # fmt: skip
    run("unknown card attached", v1.payment_methods.attach, "pm_unknown", to)
    run("card changed", v1.payment_methods.update, card, {"metadata": {"a": "1"}})


def setup_intents(run: Script) -> None:
    """Confirmed with a card, without one, and canceled."""
    v1, payer = run.v1, run.answers["payer"].id()
    of = {"customer": payer}
    made = run("setup intent", v1.setup_intents.create, of).id()
    run("setup without a card", v1.setup_intents.confirm, made, {"use_stripe_sdk": True})
    run("setup confirmed", v1.setup_intents.confirm, made, {"payment_method": "pm_card_visa"})
    run("setup read", v1.setup_intents.retrieve, made)
    other = run("second setup intent", v1.setup_intents.create, of).id()
    run("setup canceled", v1.setup_intents.cancel, other)
    run("unknown setup confirmed", v1.setup_intents.confirm, "seti_unknown", {
        "payment_method": "pm_card_visa"})  # fmt: skip
    run("setup intents", v1.setup_intents.list)


def payment_intents(run: Script) -> None:
    """Confirmed at once and later, declined, captured, canceled."""
    v1, payer = run.v1, run.answers["payer"].id()
    card = run.answers["card"].id()
    of = {"customer": payer, "payment_method": card} | EURO
    bare = run("payment without a card", v1.payment_intents.create, {"amount": 700} | EURO).id()
    run("payment canceled", v1.payment_intents.cancel, bare)
    run("canceled payment confirmed", v1.payment_intents.confirm, bare)
    made = run("payment", v1.payment_intents.create, {"amount": 2000, "metadata": {"a": "1"}} | of)
    run("payment confirmed", v1.payment_intents.confirm, made.id())
    run("payment read", v1.payment_intents.retrieve, made.id())
    run("payment confirmed again", v1.payment_intents.confirm, made.id())
    run("paid payment canceled", v1.payment_intents.cancel, made.id())
    expand = {"expand": ["latest_charge"]}
    run("payment with its charge", v1.payment_intents.retrieve, made.id(), expand)
    run("payment at once", v1.payment_intents.create, {"amount": 1500, "confirm": True} | of)
    held = run("payment held", v1.payment_intents.create, {
        "amount": 900, "confirm": True, "capture_method": "manual"} | of)  # fmt: skip
    run("payment captured", v1.payment_intents.capture, held.id(), {"amount_to_capture": 600})
    run("payment of nothing", v1.payment_intents.create, {"amount": 0} | of)
    run("payment without an amount", v1.payment_intents.create, dict(of))
    run("payment without a currency", v1.payment_intents.create, {"amount": 5})
    run("payment of nobody", v1.payment_intents.create, {
        "amount": 900, "customer": "cus_unknown"} | EURO)  # fmt: skip
    run("payment intents", v1.payment_intents.list)


def declines(run: Script) -> None:
    """A card that can be attached and not charged."""
    v1 = run.v1
    poor = run("poor payer", v1.customers.create, {"email": "poor@x.y"}).id()
    card = run("poor card", v1.payment_methods.attach, "pm_card_chargeCustomerFail", {
        "customer": poor}).id()  # fmt: skip
    run("poor card made the default", v1.customers.update, poor, {
        "invoice_settings": {"default_payment_method": card}})  # fmt: skip
    of = {"amount": 2000, "customer": poor, "payment_method": card} | EURO
    made = run("payment to fail", v1.payment_intents.create, of).id()
    run("payment declined", v1.payment_intents.confirm, made)
    run("declined payment read", v1.payment_intents.retrieve, made)
    run("payment declined at once", v1.payment_intents.create, of | {"confirm": True})
    run("declined payment refunded", v1.refunds.create, {"payment_intent": made})
    run("charges of the poor", v1.charges.list, {"customer": poor})


def refunds(run: Script) -> None:
    """In part, of the rest, of too much; what charges and balance show of it."""
    v1, payer = run.v1, run.answers["payer"].id()
    first = run.answers["payment confirmed"].id()
    charge = run.answers["payment confirmed"].id("latest_charge")
    run("charge", v1.charges.retrieve, charge)
    run("refund of a part", v1.refunds.create, {"charge": charge, "amount": 500})
    run("refund without a charge", v1.refunds.create, {"amount": 500})
    run("charge in part refunded", v1.charges.retrieve, charge)
    run("refund of too much", v1.refunds.create, {"charge": charge, "amount": 1501})
    run("refunds of the charge", v1.refunds.list, {"charge": charge})
    second = run.answers["payment at once"].id()
    made = run("refund of a payment", v1.refunds.create, {"payment_intent": second}).id()
    run("refund read", v1.refunds.retrieve, made)
    run("refund changed", v1.refunds.update, made, {"metadata": {"a": "1"}})
    run("refund of an unknown charge", v1.refunds.create, {"charge": "ch_unknown"})
    run("payment refunded", v1.payment_intents.retrieve, first)
    run("charges of the payer", v1.charges.list, {"customer": payer})
    run("refunds", v1.refunds.list)
    paid = run.answers["charge"].id("balance_transaction")
    run("balance transaction", v1.balance_transactions.retrieve, paid)
    back = run.answers["refund read"].id("balance_transaction")
    run("balance transaction of a refund", v1.balance_transactions.retrieve, back)
