"""What is left of a deleted customer's bills: they can be ended, not paid."""

from __future__ import annotations

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig

from .conftest import sdk


def bill(client: stripe.StripeClient, customer: str, *, open_: bool) -> str:
    """An invoice over 450, draft or open."""
    v1 = client.v1
    v1.invoice_items.create({"customer": customer, "amount": 450, "currency": "usd"})
    made = v1.invoices.create(
        {"customer": customer, "auto_advance": False, "pending_invoice_items_behavior": "include"}
    )
    return (v1.invoices.finalize_invoice(made.id) if open_ else made).id


@pytest.mark.rule("3.3d")
def test_bills_of_a_deleted_customer_are_not_paid(own: Simulator) -> None:
    """Finalizing, paying, sending and crediting miss the customer; voiding still works."""
    client = sdk(own)
    v1 = client.v1
    customer = v1.customers.create({"name": "Leaving"}).id
    draft, unpaid, paid = (bill(client, customer, open_=n > 0) for n in range(3))
    v1.invoices.pay(paid, {"paid_out_of_band": True})
    v1.customers.delete(customer)
    credit: stripe.params.CreditNoteCreateParams = {"invoice": paid, "amount": 100}
    for write in (
        lambda: v1.invoices.finalize_invoice(draft),
        lambda: v1.invoices.pay(draft),
        lambda: v1.invoices.pay(unpaid),
        lambda: v1.invoices.send_invoice(unpaid),
        lambda: v1.credit_notes.create(credit),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
            write()
    assert v1.invoices.void_invoice(unpaid).status == "void"
    assert v1.invoices.retrieve(draft).status == "draft"


def test_business_goes_on_without_its_coupons() -> None:
    """Customers still join and subscribe after every coupon was deleted."""
    with Simulator(SimulatorConfig(seed=2, customers=6, years=0.3, fixtures=1)) as sim:
        v1 = sdk(sim).v1
        for coupon in v1.coupons.list({"limit": 100}).data:
            v1.coupons.delete(coupon.id)
        before = len(sim.account.objects("/v1/customers"))
        sim.mutate(400)
        assert len(sim.account.objects("/v1/customers")) > before + 20
