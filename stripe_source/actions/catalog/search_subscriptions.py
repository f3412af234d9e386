"""Search subscriptions."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Limit, Wanted, Ways, find
from stripe_source.actions.session import Session

WAYS = Ways(
    request="subscription_list",
    fields={
        "canceled_at": "time",
        "created": "time",
        "metadata": "metadata",
        "status": "token",
    },
    always={"status": "all"},
)
"""https://docs.stripe.com/search#query-fields-for-subscriptions"""


class SearchSubscriptions(Action):
    """Find subscriptions by conditions on their fields, or by a query of Stripe's search."""

    shown: ClassVar = ("id", "customer", "status", "cancel_at_period_end", "created")
    examples: ClassVar = (
        "--where status = past_due",
        "--where customer = cus_123 --json",
    )

    filter: Wanted = None
    limit: Limit = 10

    def run(self, session: Session) -> list[Outcome]:
        """The subscriptions found, canceled ones too."""
        return find(session.stripe.v1.subscriptions, WAYS, self.filter, self.limit)
