"""Get an invoice."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.reading import Id, found, get
from stripe_source.actions.session import Session


class GetInvoice(Action):
    """Read an invoice by its id."""

    examples: ClassVar = ("in_123",)

    id: Id

    def run(self, session: Session) -> list[Outcome]:
        """The invoice."""
        return found(get(session.stripe.v1.invoices, "invoice", self.id))
