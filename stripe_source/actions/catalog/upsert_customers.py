"""Upsert customers."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from stripe_source.actions.customers import CREATE, UPDATE, make, update
from stripe_source.actions.matching import checked, matches
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.properties import typed
from stripe_source.actions.session import Session
from stripe_source.actions.writing import OfMatches, each_alone, mapped, those
from stripe_source.errors import UsageError


class UpsertCustomers(OfMatches):
    """Change the customer that has a value, where anything differs, or make one that has it."""

    writes: ClassVar = True
    request: ClassVar = UPDATE
    examples: ClassVar = ("--match metadata.crm_id=7 --set email=ada@example.com --set name=Ada",)

    mappings: Annotated[dict[str, Any], mapped(UPDATE)]
    skip_if_exist: Annotated[bool, Field(description="Set a property only where it is empty.")] = (
        False
    )

    def run(self, session: Session) -> list[Outcome]:
        """Each customer afterwards."""
        path, value = checked(self.matching_property, self.matching_value)
        properties = typed(self.mappings, UPDATE)
        typed(dict.fromkeys(properties), CREATE)  # what is only known of one can't be upserted
        if path != "id":
            value = str(typed({path: value}, UPDATE)[path])
            if properties.get(path, value) != value:
                raise UsageError(f"{path} is what is matched by: a mapping can't change it")
        found = matches(session, path, value)
        if not found and path != "id":
            return [make(session, path, value, properties, only_empty=self.skip_if_exist)]
        found = those(found, path, value, every=self.all_matches)
        return each_alone(
            found, lambda each: update(session, each, properties, only_empty=self.skip_if_exist)
        )
