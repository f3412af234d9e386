"""Search invoices."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Limit, Wanted, Ways, find
from stripe_source.actions.session import Session

WAYS = Ways(
    request="invoice_list",
    fields={
        "created": "time",
        "currency": "token",
        "customer": "token",
        "last_finalization_error_code": "token",
        "last_finalization_error_type": "token",
        "metadata": "metadata",
        "number": "text",
        "receipt_number": "text",
        "status": "text",
        "subscription": "text",
        "total": "number",
    },
)
"""https://docs.stripe.com/search#query-fields-for-invoices"""


class SearchInvoices(Action):
    """Find invoices by conditions on their fields, or by a query of Stripe's search."""

    shown: ClassVar = (
        "id",
        "number",
        "customer",
        "status",
        "currency",
        "total",
        "due_date",
        "created",
    )
    examples: ClassVar = (
        '--where status = open --where due_date "<" 2026-11-01',
        '--where total ">" 100000 --where currency = usd',
    )

    filter: Wanted = None
    limit: Limit = 10

    def run(self, session: Session) -> list[Outcome]:
        """The invoices found."""
        return find(session.stripe.v1.invoices, WAYS, self.filter, self.limit)
