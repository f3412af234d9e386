"""Eight months of an account, played through the SDK: what happens is in ``STORY``, day by day.

Everything happens at 10:00 UTC. Renewals are finalized and charged an hour later, and a card that
says no is tried again 3, 8 and 15 days after the first time. What no request can do (a dispute, a
discount of an item or of a customer, weekly payouts, what follows the last attempt) is done in
``beyond_requests``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.billing import aftermath, balance, discounts

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 8, 31, 12, tzinfo=UTC)
SYNCS = ("01-27", "02-22", "03-20", "04-15", "05-11", "06-06", "07-02", "07-28", "08-23")
"""When the warehouse with all events is synced, besides the start and the end."""
MONTH = {"interval": "month"}
TEN_UNITS = {"divide_by": 10, "round": "up"}
VOLUME = [
    {"up_to": 10, "unit_amount": 200, "flat_amount": 500},
    {"up_to": "inf", "unit_amount": 150, "flat_amount": 1000},
]
GRADUATED = [
    {"up_to": 5, "unit_amount": 0, "flat_amount": 2000},
    {"up_to": 10, "unit_amount": 300},
    {"up_to": "inf", "unit_amount": 200, "flat_amount": 400},
]
PRICES: dict[str, dict[str, Any]] = {
    "basic": {"unit_amount": 1000},
    "pro": {"unit_amount": 3000},
    "team": {"unit_amount": 5000},
    "addon": {"unit_amount": 500, "product": "prod_addon"},
    "seat": {"unit_amount": 400},
    "free": {"unit_amount": 0},
    "gross": {"unit_amount": 1200},
    "parts": {"unit_amount_decimal": "0.5"},
    "pack": {"unit_amount": 700, "transform_quantity": TEN_UNITS},
    "volume": {"billing_scheme": "tiered", "tiers_mode": "volume", "tiers": VOLUME},
    "graduated": {"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": GRADUATED},
    "metered": {"unit_amount": 2, "recurring": MONTH | {"usage_type": "metered"}},
    "ten days": {"unit_amount": 1200, "recurring": {"interval": "day", "interval_count": 10}},
    "week": {"unit_amount": 600, "recurring": {"interval": "week"}},
    "two weeks": {"unit_amount": 1800, "recurring": {"interval": "week", "interval_count": 2}},
    "quarter": {"unit_amount": 9000, "recurring": {"interval": "month", "interval_count": 3}},
    "year": {"unit_amount": 12000, "recurring": {"interval": "year"}},
    "euro": {"unit_amount": 2000, "currency": "eur"},
    "yen": {"unit_amount": 1000, "currency": "jpy"},
    "dinar": {"unit_amount": 5000, "currency": "kwd"},
    "krona": {"unit_amount": 200_000, "currency": "isk"},
}
"""By nickname: monthly, in dollars and of ``prod_base`` where nothing else is said."""
COUPONS: dict[str, dict[str, Any]] = {
    "P10": {"percent_off": 10, "duration": "forever"},
    "P20": {"percent_off": 20, "duration": "forever"},
    "P50": {"percent_off": 50, "duration": "forever"},
    "P100": {"percent_off": 100, "duration": "forever"},
    "A5": {"amount_off": 500, "currency": "usd", "duration": "forever"},
    "A8": {"amount_off": 800, "currency": "usd", "duration": "forever"},
    "THREE": {"percent_off": 50, "duration": "repeating", "duration_in_months": 3},
    "TWELVE": {"percent_off": 50, "duration": "repeating", "duration_in_months": 12},
    "ONCE": {"amount_off": 1000, "currency": "usd", "duration": "once"},
    "DINAR": {"amount_off": 1000, "currency": "kwd", "duration": "once"},
    "ADDON": {
        "percent_off": 40,
        "duration": "forever",
        "applies_to": {"products": ["prod_addon"]},
    },
}
TAX_RATES: dict[str, dict[str, Any]] = {
    "sales": {"percentage": 10, "inclusive": False, "jurisdiction": "NY", "country": "US"},
    "within": {"percentage": 20, "inclusive": True, "jurisdiction": "FR", "country": "FR"},
    "vsk": {"percentage": 24, "inclusive": False, "jurisdiction": "IS", "country": "IS"},
}


@dataclass
class Play:
    """The account while it is played, and the ids of what was made, by name."""

    sim: Simulator
    v1: Any
    customers: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, str] = field(default_factory=dict)
    prices: dict[str, str] = field(default_factory=dict)
    tax_rates: dict[str, str] = field(default_factory=dict)

    # -- who pays what --

    def join(self, name: str, price: str, quantity: int = 1, **more: Any) -> None:
        """A customer with a card, and its subscription of the same name."""
        self.customer(name)
        self.subscribe(name, name, price, quantity, **more)

    def customer(self, name: str, card: str | None = "visa") -> None:
        """A customer, with a card as the default one."""
        email = f"{name.replace(' ', '.')}@example.com"
        made = self.v1.customers.create({"name": name, "email": email})
        self.customers[name] = made.id
        if card:
            self.card(name, card)

    def card(self, name: str, card: str) -> None:
        """Another card as the customer's default one."""
        method = self.v1.payment_methods.attach(
            f"pm_card_{card}", {"customer": self.customers[name]}
        )
        self.v1.customers.update(
            self.customers[name], {"invoice_settings": {"default_payment_method": method.id}}
        )

    def subscribe(
        self, name: str, customer: str, price: str, quantity: int = 1, **more: Any
    ) -> None:
        """A subscription to a price, to ``also`` one more, with coupons ``off`` and ``tax``."""
        also, off, tax = more.pop("also", None), more.pop("off", ()), more.pop("tax", None)
        items: list[dict[str, Any]] = [{"price": self.prices[price], "quantity": quantity}]
        if price == "metered":
            del items[0]["quantity"]
        if also:
            items.append({"price": self.prices[also]})
        made = self.v1.subscriptions.create(
            {"customer": self.customers[customer], "items": items}
            | ({"discounts": [{"coupon": coupon} for coupon in off]} if off else {})
            | ({"default_tax_rates": [self.tax_rates[tax]]} if tax else {})
            | more
        )
        self.subscriptions[name] = made.id

    # -- what changes --

    def items(self, name: str) -> list[Any]:
        """The items of a subscription."""
        found: list[Any] = self.v1.subscription_items.list(
            {"subscription": self.subscriptions[name]}
        ).data
        return found

    def change(self, name: str, *, prorate: bool = True, **more: Any) -> None:
        """Another price or quantity for the first item."""
        if "price" in more:
            more["price"] = self.prices[more["price"]]
        behavior = "create_prorations" if prorate else "none"
        self.v1.subscription_items.update(
            self.items(name)[0].id, more | {"proration_behavior": behavior}
        )

    def add_item(self, name: str, price: str) -> None:
        """One more item."""
        self.v1.subscription_items.create(
            {"subscription": self.subscriptions[name], "price": self.prices[price]}
        )

    def drop_item(self, name: str) -> None:
        """The last item goes."""
        self.v1.subscription_items.delete(self.items(name)[-1].id)

    def update(self, name: str, **fields: Any) -> None:
        """Any field of a subscription."""
        self.v1.subscriptions.update(self.subscriptions[name], fields)

    def cancel(self, name: str) -> None:
        """At once."""
        self.v1.subscriptions.cancel(self.subscriptions[name])

    # -- what is given back --

    def invoice(self, name: str) -> Any:
        """The latest one of a subscription."""
        latest = self.v1.subscriptions.retrieve(self.subscriptions[name]).latest_invoice
        return self.v1.invoices.retrieve(latest, {"expand": ["payments"]})

    def intent(self, name: str) -> str:
        """The payment intent that paid the latest invoice."""
        paid: str = self.invoice(name).payments.data[0].payment.payment_intent
        return paid

    def refund(self, name: str, amount: int | None = None) -> None:
        """Of the latest payment, in whole or in part."""
        part = {} if amount is None else {"amount": amount}
        self.v1.refunds.create({"payment_intent": self.intent(name)} | part)

    def pay_once(self, name: str, amount: int, currency: str) -> None:
        """A payment without an invoice."""
        customer = self.v1.customers.retrieve(self.customers[name])
        self.v1.payment_intents.create({
            "amount": amount, "currency": currency, "customer": customer.id, "confirm": True,
            "payment_method": customer.invoice_settings.default_payment_method,
        })  # fmt: skip


def beyond_requests(play: Play, act: Callable[[Any], Any]) -> None:
    """Do to the account what Stripe's API has no request for."""
    account = play.sim.account
    with account.lock:
        act(account)
        account.settle()


def weekly_payouts(play: Play) -> None:
    """Every Monday what is available, by currency."""
    monday = balance.next_monday(int(START.timestamp()))
    beyond_requests(play, lambda account: account.plan(monday, balance.pay_out))


def discount_customer(play: Play, name: str, coupon: str) -> None:
    """A coupon for all that a customer has."""

    def act(account: Any) -> None:
        customer = account.get("customer", play.customers[name])
        made = discounts.redeem(account, account.get("coupon", coupon), customer["id"])
        account.modify(customer, {"discount": made["id"]})

    beyond_requests(play, act)


def discount_item(play: Play, name: str, coupon: str) -> None:
    """A coupon for the last item of a subscription alone."""

    def act(account: Any) -> None:
        subscription = account.get("subscription", play.subscriptions[name])
        *rest, last = subscription["items"]["data"]
        made = discounts.redeem(
            account, account.get("coupon", coupon), subscription["customer"],
            subscription=subscription["id"], subscription_item=last["id"],
        )  # fmt: skip
        rows = [*rest, last | {"discounts": [made["id"]]}]
        account.modify(subscription, {"items": {"data": rows}})

    beyond_requests(play, act)


def unpaid_in_the_end(play: Play, name: str) -> None:
    """After the last attempt it is to be unpaid; by default it is canceled."""

    def act(account: Any) -> None:
        row = account.home("subscription").by_id[play.subscriptions[name]]
        row.hidden = (row.hidden or {}) | {"after_dunning": "unpaid"}

    beyond_requests(play, act)


def dispute(play: Play, name: str) -> None:
    """The latest payment is disputed, and lost twenty days later."""
    charge = play.v1.payment_intents.retrieve(play.intent(name)).latest_charge
    beyond_requests(
        play, lambda account: aftermath.dispute(account, account.get("charge", charge), won=False)
    )


# -- the story --


def catalog(play: Play) -> None:
    """Products, prices, coupons, a code and tax rates."""
    for name in ("base", "addon"):
        play.v1.products.create({"id": f"prod_{name}", "name": name.title()})
    for nickname, terms in PRICES.items():
        plain = {"currency": "usd", "product": "prod_base", "recurring": MONTH}
        made = play.v1.prices.create(plain | {"nickname": nickname} | terms)
        play.prices[nickname] = made.id
    for name, terms in COUPONS.items():
        play.v1.coupons.create({"id": name, "name": name} | terms)
    for name, terms in TAX_RATES.items():
        play.tax_rates[name] = play.v1.tax_rates.create({"display_name": name} | terms).id
    weekly_payouts(play)


def opening(play: Play) -> None:
    """5 January: the first customers."""
    for name, price, quantity in (
        ("plain", "basic", 1), ("upgrader", "basic", 1), ("downgrader", "team", 1),
        ("seats", "seat", 3), ("adder", "basic", 1), ("keeper", "pro", 1), ("leaver", "pro", 1),
        ("immediate", "basic", 1), ("returner", "pro", 1), ("free", "free", 1),
        ("freetopaid", "free", 1), ("volume", "volume", 12), ("graduated", "graduated", 12),
        ("metered", "metered", 1), ("days", "ten days", 1), ("weekly", "week", 1),
        ("quarterly", "quarter", 1), ("yearly", "year", 1), ("uncollected", "pro", 1),
        ("parts", "parts", 1000), ("euro", "euro", 1), ("euro gone", "euro", 1),
        ("yen", "yen", 1),
    ):  # fmt: skip
        play.join(name, price, quantity)
    play.join("mixed", "basic", also="metered")
    play.join("taxed", "basic", tax="sales")
    play.join("taxed within", "gross", tax="within")
    play.join("krona", "krona", tax="vsk")
    play.join("dinar", "dinar", off=["DINAR"])
    play.join("twosubs", "basic")
    play.subscribe("twosubs too", "twosubs", "pro")


def second_wave(play: Play) -> None:
    """5 February: discounts of every kind, and a trial."""
    code = play.v1.promotion_codes.create({
        "code": "TWENTY", "promotion": {"type": "coupon", "coupon": "P20"}})  # fmt: skip
    play.join("percent", "pro", discounts=[{"promotion_code": code.id}])
    play.join("amount", "pro", off=["A5"])
    play.join("repeating", "pro", off=["THREE"])
    play.join("months", "pro", off=["TWELVE"])
    play.join("once", "pro")
    play.join("stacked", "team", off=["P10", "A5"])
    play.join("itemoff", "basic", also="addon")
    discount_item(play, "itemoff", "P50")
    play.join("shared", "basic", also="pro", off=["A8"])
    play.customer("customeroff")
    discount_customer(play, "customeroff", "P10")
    play.subscribe("customeroff", "customeroff", "pro")
    play.join("restricted", "basic", also="addon", off=["ADDON"])
    play.join("full", "pro")
    play.join("fortnight", "two weeks")
    play.join("packs", "pack", 25)
    play.join("unpaid", "team")
    unpaid_in_the_end(play, "unpaid")
    play.join("yen gone", "yen", 3)
    play.join("trial converted", "pro", trial_period_days=14)


def without_a_card(play: Play) -> None:
    """5 April: a trial that pauses for want of a card, and an invoice that nobody pays."""
    play.customer("trial paused", card=None)
    pause = {"end_behavior": {"missing_payment_method": "pause"}}
    play.subscribe(
        "trial paused", "trial paused", "pro", trial_period_days=14, trial_settings=pause
    )
    sent(play, "sent old", "quarter", 30)


def sent(play: Play, name: str, price: str, days: int) -> None:
    """A subscription whose invoices are sent."""
    play.customer(name, card=None)
    play.subscribe(name, name, price, collection_method="send_invoice", days_until_due=days)


def declined_from_the_start(play: Play) -> None:
    """5 March: a first payment that fails, and a trial that will be canceled."""
    play.customer("expired", card="chargeCustomerFail")
    play.subscribe("expired", "expired", "basic")
    play.join("trial canceled", "pro", trial_period_days=14)


def trial_of_the_poor(play: Play) -> None:
    """10 July: a trial whose card will say no."""
    play.customer("trial unpaid", card="chargeCustomerFail")
    play.subscribe("trial unpaid", "trial unpaid", "pro", trial_period_days=14)


def credit(play: Play, name: str, amount: int) -> None:
    """A credit note for the latest invoice, paid back."""
    play.v1.credit_notes.create({
        "invoice": play.invoice(name).id, "amount": amount, "refund_amount": amount})  # fmt: skip


def give_up(play: Play, name: str) -> None:
    """The latest invoice is uncollectible."""
    play.v1.invoices.mark_uncollectible(play.invoice(name).id)


def last_day(play: Play) -> None:
    """31 August: a first payment that nobody has confirmed, and a payout by hand."""
    play.customer("incomplete")
    play.subscribe("incomplete", "incomplete", "basic", payment_behavior="default_incomplete")
    play.v1.payouts.create({"amount": 5000, "currency": "eur"})


FAILING = "chargeCustomerFail"
STORY: dict[str, list[Callable[[Play], None]]] = {
    "01-05": [opening],
    "02-05": [second_wave],
    "02-10": [
        lambda p: p.change("seats", quantity=5),
        lambda p: p.change("freetopaid", price="basic"),
        lambda p: p.join("lost", "pro"),
    ],
    "02-12": [lambda p: dispute(p, "plain"), lambda p: p.join("recovered", "pro")],
    "02-15": [lambda p: p.cancel("returner")],
    "02-20": [lambda p: p.join("past due", "pro")],
    "03-01": [lambda p: p.card("recovered", FAILING)],
    "03-05": [declined_from_the_start],
    "03-10": [
        lambda p: p.change("upgrader", price="pro"),
        lambda p: p.cancel("trial canceled"),
    ],
    "03-12": [lambda p: p.cancel("immediate"), lambda p: p.refund("yen", 400)],
    "03-15": [lambda p: p.add_item("adder", "addon")],
    "03-16": [lambda p: p.card("recovered", "visa")],
    "03-20": [lambda p: p.cancel("twosubs too")],
    "04-05": [without_a_card],
    "04-10": [
        lambda p: p.change("downgrader", price="basic"),
        lambda p: p.change("yearly", quantity=2, prorate=False),
        lambda p: p.cancel("yen gone"),
    ],
    "04-12": [
        lambda p: p.update("full", discounts=[{"coupon": "P100"}]),
        lambda p: p.refund("yen gone"),
    ],
    "04-20": [
        lambda p: p.update("leaver", cancel_at_period_end=True),
        lambda p: p.card("lost", FAILING),
        lambda p: p.change("euro", quantity=2),
    ],
    "04-25": [lambda p: p.cancel("twosubs")],
    "05-05": [lambda p: p.join("trial ended", "pro", trial_period_days=14)],
    "05-08": [lambda p: p.update("trial ended", cancel_at_period_end=True)],
    "05-10": [
        lambda p: p.change("seats", quantity=2, prorate=False),
        lambda p: p.update("keeper", cancel_at_period_end=True),
    ],
    "05-12": [lambda p: credit(p, "dinar", 1000)],
    "05-20": [
        lambda p: p.update("keeper", cancel_at_period_end=False),
        lambda p: p.join("trial later", "pro", trial_period_days=30),
    ],
    "05-28": [lambda p: give_up(p, "lost")],
    "06-01": [lambda p: p.update("uncollected", pause_collection={"behavior": "keep_as_draft"})],
    "06-10": [
        lambda p: p.change("upgrader", price="team", prorate=False),
        lambda p: p.change("dinar", quantity=2, prorate=False),
        lambda p: p.cancel("euro gone"),
    ],
    "06-12": [
        lambda p: p.change("volume", quantity=8),
        lambda p: p.pay_once("krona", 500_000, "isk"),
    ],
    "06-15": [lambda p: p.subscribe("returner again", "returner", "basic")],
    "06-20": [lambda p: p.card("unpaid", FAILING)],
    "07-10": [
        trial_of_the_poor,
        lambda p: p.drop_item("adder"),
        lambda p: p.join("leaving", "pro"),
    ],
    "08-03": [lambda p: sent(p, "sent new", "basic", 18)],
    "08-10": [lambda p: p.card("past due", FAILING), lambda p: give_up(p, "trial unpaid")],
    "08-15": [lambda p: p.update("leaving", cancel_at_period_end=True)],
    "08-20": [
        lambda p: p.update("once", discounts=[{"coupon": "ONCE"}]),
        lambda p: p.join("trial running", "pro", trial_period_days=30),
        lambda p: sent(p, "sent later", "basic", 30),
    ],
    "08-29": [lambda p: p.pay_once("euro", 10_000, "eur")],
    "08-31": [last_day],
}
"""What happens at 10:00 of a day; ``SYNCS`` come at noon."""


def new_account() -> Simulator:
    """An empty account on the first of January."""
    return Simulator(SimulatorConfig(customers=0, fixtures=0, now=int(START.timestamp())))


def play_account(sim: Simulator, synced: Callable[[], Any] = lambda: None) -> Play:
    """Play the story to its end; ``synced`` is called at the start, monthly, and at the end."""
    client = stripe.StripeClient(
        sim.api_key, base_addresses={"api": sim.url}, max_network_retries=0
    )
    play = Play(sim, client.v1)
    catalog(play)
    synced()
    days = [(moment(day, 10), acts) for day, acts in STORY.items()]
    days += [(moment(day, 12), [lambda _: synced()]) for day in SYNCS]
    for when, acts in sorted(days, key=lambda each: each[0]):
        go_to(sim, when)
        for act in acts:
            act(play)
    go_to(sim, END)
    synced()
    return play


def moment(day: str, hour: int) -> datetime:
    """An hour of a day of the year."""
    return datetime.fromisoformat(f"2026-{day}T{hour:02}:00:00+00:00")


def go_to(sim: Simulator, when: datetime) -> None:
    """Let time pass."""
    sim.advance(int(when.timestamp()) - sim.account.clock.now)
