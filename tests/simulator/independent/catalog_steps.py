"""Products, plans, coupons and tax rates."""

from __future__ import annotations

from .recording import Script

STEPS = [{"up_to": 5, "unit_amount": 100, "flat_amount": 500}, {"up_to": "inf", "unit_amount": 80}]
TIERS = [step | {"flat_amount": step.get("flat_amount", 0)} for step in STEPS]
MONTHLY = {"currency": "eur", "interval": "month"}


def products(run: Script) -> None:
    """Create, read, change, list and delete."""
    v1 = run.v1
    tea = run("product", v1.products.create, {"name": "Tea", "metadata": {"a": "1"}}).id()
    run("product of a chosen id", v1.products.create, {"id": "coffee", "name": "Coffee"})
    run("product of a taken id", v1.products.create, {"id": "coffee", "name": "Coffee"})
    run("product read", v1.products.retrieve, tea)
    run("product retired", v1.products.update, tea, {"active": False, "description": "Green"})
    run("active products", v1.products.list, {"active": True})
    run("retired products", v1.products.list, {"active": False})
    gone = run("product to delete", v1.products.create, {"name": "Milk"}).id()
    run("product deleted", v1.products.delete, gone)
    run("deleted product read", v1.products.retrieve, gone)


def plans(run: Script) -> None:
    """Plans of every kind: the form of recurring prices that both know."""
    v1 = run.v1
    of = {"product": "coffee"} | MONTHLY
    run("plan", v1.plans.create, {"id": "basic", "amount": 1000} | of)
    run("dearer plan", v1.plans.create, {"id": "gold", "amount": 3000, "nickname": "Gold"} | of)
    yearly = {"id": "yearly", "amount": 9000} | of | {"interval": "year"}
    run("yearly plan", v1.plans.create, yearly)
    run("free plan", v1.plans.create, {"id": "free", "amount": 0} | of)
    run("metered plan", v1.plans.create, {
        "id": "metered", "amount": 5, "usage_type": "metered"} | of)  # fmt: skip
    tiered = {"billing_scheme": "tiered", "tiers": TIERS} | of
    expanded = {"expand": ["tiers"]}
    run(
        "graduated plan",
        v1.plans.create,
        {"id": "graduated", "tiers_mode": "graduated"} | tiered | expanded,
    )
    run("volume plan", v1.plans.create, {"id": "volume", "tiers_mode": "volume"} | tiered)
    run("plan with a trial", v1.plans.create, {"id": "trial", "amount": 500} | of | {
        "trial_period_days": 14})  # fmt: skip
    run("plan of a new product", v1.plans.create, {
        "id": "own", "amount": 700, "product": {"name": "Own"}} | MONTHLY)  # fmt: skip
    run("plan of no product", v1.plans.create, {"amount": 7} | MONTHLY | {"product": "unknown"})
    run("plan read", v1.plans.retrieve, "basic")
    run("plan changed", v1.plans.update, "basic", {"nickname": "Basic", "metadata": {"a": "1"}})
    run("plans", v1.plans.list, {"product": "coffee"})
    run("plan to delete", v1.plans.create, {"id": "gone", "amount": 100} | of)
    run("plan deleted", v1.plans.delete, "gone")
    run("deleted plan read", v1.plans.retrieve, "gone")
    run("plan with its product", v1.plans.retrieve, "own", {"expand": ["product"]})


def coupons(run: Script) -> None:
    """By percent and by amount."""
    v1 = run.v1
    run("coupon", v1.coupons.create, {"id": "quarter", "percent_off": 25, "duration": "forever"})
    run("coupon of an amount", v1.coupons.create, {
        "id": "five", "amount_off": 500, "currency": "eur", "duration": "repeating",
        "duration_in_months": 3})  # fmt: skip
    run("coupon of both", v1.coupons.create, {
        "id": "both", "amount_off": 500, "percent_off": 5, "currency": "eur",
        "duration": "once"})  # fmt: skip
    run("coupon of neither", v1.coupons.create, {"id": "neither", "duration": "once"})
    run("coupon without a currency", v1.coupons.create, {
        "id": "bare", "amount_off": 500, "duration": "once"})  # fmt: skip
    run("coupon without months", v1.coupons.create, {
        "id": "bare", "percent_off": 5, "duration": "repeating"})  # fmt: skip
    run("coupon of a taken id", v1.coupons.create, {
        "id": "five", "percent_off": 5, "duration": "once"})  # fmt: skip
    run("coupon read", v1.coupons.retrieve, "five")
    run("coupon changed", v1.coupons.update, "five", {"metadata": {"a": "1"}})
    run("coupons", v1.coupons.list)
    run("coupon deleted", v1.coupons.delete, "five")
    run("deleted coupon read", v1.coupons.retrieve, "five")


def tax_rates(run: Script) -> None:
    """Create, change, list; there is no deleting."""
    v1 = run.v1
    vat = {"display_name": "VAT", "percentage": 20, "inclusive": False, "jurisdiction": "FR"}
    made = run("tax rate", v1.tax_rates.create, vat).id()
    run("inclusive tax rate", v1.tax_rates.create, {
        "display_name": "TVA", "percentage": 5.5, "inclusive": True})  # fmt: skip
    run("tax rate without a percentage", v1.tax_rates.create, {
        "display_name": "VAT", "inclusive": False})  # fmt: skip
    run("tax rate read", v1.tax_rates.retrieve, made)
    run("tax rate changed", v1.tax_rates.update, made, {"description": "As of 2014"})
    run("tax rates", v1.tax_rates.list)
