"""Delete customers."""

from typing import ClassVar

from stripe_source.actions.action import Action
from stripe_source.actions.customers import remove
from stripe_source.actions.matching import checked, matches
from stripe_source.actions.outcome import Outcome
from stripe_source.actions.session import Session
from stripe_source.actions.writing import AllMatches, MatchingProperty, MatchingValue, those


class DeleteCustomers(Action):
    """Delete the customer that has a value, and so end its subscriptions. It can't be undone."""

    writes: ClassVar = True
    again: ClassVar = "gone"
    examples: ClassVar = (
        "--match id=cus_123",
        "--match email=test@example.com --all-matches --yes",
    )

    matching_property: MatchingProperty
    matching_value: MatchingValue
    all_matches: AllMatches = False

    def run(self, session: Session) -> list[Outcome]:
        """Each customer as it was. Raises NotFound where there is none."""
        path, value = checked(self.matching_property, self.matching_value)
        found = those(matches(session, path, value), path, value, every=self.all_matches)
        if len(found) > 1:
            session.about_to_several(f"Delete {len(found)} customers")
        return [remove(session, each) for each in found]
