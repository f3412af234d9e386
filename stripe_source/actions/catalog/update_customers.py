"""Update customers."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from stripe_source.actions.customers import UPDATE, update
from stripe_source.actions.matching import checked, matches
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.properties import typed
from stripe_source.actions.session import Session
from stripe_source.actions.writing import OfMatches, each_alone, mapped, those


class UpdateCustomers(OfMatches):
    """Change the customer that has a value, where anything differs."""

    writes: ClassVar = True
    request: ClassVar = UPDATE
    examples: ClassVar = (
        "--match email=ada@example.com --set phone=+441234 --dry-run",
        "--match metadata.crm_id=7 --set description=VIP --skip-if-exist",
    )

    mappings: Annotated[dict[str, Any], mapped(UPDATE)]
    skip_if_exist: Annotated[bool, Field(description="Set a property only where it is empty.")] = (
        False
    )

    def run(self, session: Session) -> list[Outcome]:
        """Each customer afterwards. Raises NotFound where there is none."""
        path, value = checked(self.matching_property, self.matching_value)
        properties = typed(self.mappings, UPDATE)
        found = those(matches(session, path, value), path, value, every=self.all_matches)
        return each_alone(
            found, lambda each: update(session, each, properties, only_empty=self.skip_if_exist)
        )
