"""Search customers."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Limit, Wanted, Ways, find
from stripe_source.actions.session import Session

WAYS = Ways(
    request="customer_list",
    fields={
        "created": "time",
        "email": "text",
        "metadata": "metadata",
        "name": "text",
        "phone": "text",
    },
)
"""https://docs.stripe.com/search#query-fields-for-customers"""


class SearchCustomers(Action):
    """Find customers by conditions on their fields, or by a query of Stripe's search."""

    shown: ClassVar = ("id", "email", "name", "created")
    examples: ClassVar = (
        "--where email = ada@example.com",
        '--where metadata.plan = pro --where created ">" 2026-01-01 --limit 50',
        "--query 'name~\"lovelace\"' --json",
    )

    filter: Wanted = None
    limit: Limit = 10

    def run(self, session: Session) -> list[Outcome]:
        """The customers found."""
        return find(session.stripe.v1.customers, WAYS, self.filter, self.limit)
