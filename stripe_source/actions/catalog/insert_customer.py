"""Insert a customer."""

from typing import Annotated, Any, ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.customers import CREATE, insert
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.properties import typed
from stripe_source.actions.session import Session
from stripe_source.actions.writing import mapped
from stripe_source.errors import UsageError


class InsertCustomer(Action):
    """Make a new customer, whether or not there is one like it."""

    writes: ClassVar = True
    again: ClassVar = "twice"
    request: ClassVar = CREATE
    examples: ClassVar = (
        "--set email=ada@example.com --set address.city=London --set metadata.crm_id=7",
    )

    mappings: Annotated[dict[str, Any], mapped(CREATE)]

    def run(self, session: Session) -> list[Outcome]:
        """The customer made."""
        properties = typed(self.mappings, CREATE)
        if not properties:
            raise UsageError("a customer with no property at all is not made")
        return [insert(session, properties)]
