"""Get a customer."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Id, found, get
from stripe_source.actions.session import Session


class GetCustomer(Action):
    """Read a customer by its id."""

    examples: ClassVar = ("cus_123",)

    id: Id

    def run(self, session: Session) -> list[Outcome]:
        """The customer."""
        return found(get(session.stripe.v1.customers, "customer", self.id))
