"""Search products."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Limit, Wanted, Ways, find
from stripe_source.actions.session import Session

WAYS = Ways(
    request="product_list",
    fields={
        "active": "token",
        "description": "text",
        "metadata": "metadata",
        "name": "text",
        "shippable": "token",
        "url": "text",
    },
)
"""https://docs.stripe.com/search#query-fields-for-products"""


class SearchProducts(Action):
    """Find products by conditions on their fields, or by a query of Stripe's search."""

    shown: ClassVar = ("id", "name", "active", "created")
    examples: ClassVar = (
        "--where active = true",
        '--where name "~" premium',
    )

    filter: Wanted = None
    limit: Limit = 10

    def run(self, session: Session) -> list[Outcome]:
        """The products found."""
        return find(session.stripe.v1.products, WAYS, self.filter, self.limit)
