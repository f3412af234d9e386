"""The script, which runs on both servers."""

from __future__ import annotations

from . import billing_steps, catalog_steps, customer_steps, payment_steps
from .recording import Answer, Script

PARTS = (
    customer_steps.customers,
    customer_steps.tax_ids,
    catalog_steps.products,
    catalog_steps.plans,
    catalog_steps.coupons,
    catalog_steps.tax_rates,
    payment_steps.payment_methods,
    payment_steps.setup_intents,
    payment_steps.payment_intents,
    payment_steps.declines,
    payment_steps.refunds,
    customer_steps.refusals,
    billing_steps.subscriptions,
    billing_steps.changes,
    billing_steps.odd_subscriptions,
    billing_steps.invoices,
    billing_steps.unpaid_invoices,
    billing_steps.events,
)


def answers(url: str) -> dict[str, Answer]:
    """Every answer of the server at this address, by step."""
    run = Script(url)
    for part in PARTS:
        part(run)
    return run.answers
