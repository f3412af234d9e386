"""Get a product."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Id, found, get
from stripe_source.actions.session import Session


class GetProduct(Action):
    """Read a product by its id."""

    examples: ClassVar = ("prod_123",)

    id: Id

    def run(self, session: Session) -> list[Outcome]:
        """The product."""
        return found(get(session.stripe.v1.products, "product", self.id))
