"""Get a subscription."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Id, found, get
from stripe_source.actions.session import Session


class GetSubscription(Action):
    """Read a subscription by its id."""

    examples: ClassVar = ("sub_123",)

    id: Id

    def run(self, session: Session) -> list[Outcome]:
        """The subscription."""
        return found(get(session.stripe.v1.subscriptions, "subscription", self.id))
