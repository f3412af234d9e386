"""Delete customers."""

from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from stripe_source.actions.customers import remove
from stripe_source.actions.matching import checked, matches
from stripe_source.actions.outcome import Json, Outcome
from stripe_source.actions.session import Session
from stripe_source.actions.writing import OfMatches, those
from stripe_source.errors import Gone, UsageError


class DeleteCustomers(OfMatches):
    """Delete the customer that has a value, and so end its subscriptions. It can't be undone."""

    writes: ClassVar = True
    again: ClassVar = "gone"
    examples: ClassVar = (
        "--match id=cus_123",
        "--match email=test@example.com --all-matches --yes",
    )

    erase: Annotated[
        bool, Field(description="Blank their personal data in the warehouse, too, for good.")
    ] = False

    def run(self, session: Session) -> list[Outcome]:
        """Each customer as it was. Raises NotFound where there is none."""
        path, value = checked(self.matching_property, self.matching_value)
        if self.erase and session.erase is None:
            raise UsageError("to erase, the session needs a warehouse (session.erase)")
        try:
            found = those(matches(session, path, value), path, value, every=self.all_matches)
        except Gone:
            if not self.erase:
                raise
            return [self._erased(session, {"id": value}, "deleted before")]
        if len(found) > 1:
            session.about_to_several(f"Delete {len(found)} customers")
        return [self._removed(session, each) for each in found]

    def _removed(self, session: Session, customer: Json) -> Outcome:
        session.about_to("Delete a customer")
        if not self.erase:
            return remove(session, customer)
        # The warehouse first: once Stripe has deleted it, nothing would say that this is due.
        erased = self._erased(session, customer, "")
        return replace(remove(session, customer), why=erased.why)

    def _erased(self, session: Session, customer: Json, before: str) -> Outcome:
        assert session.erase is not None  # noqa: S101 - it was asked for
        rows = session.erase(customer, session.dry_run)
        why = ", ".join(filter(None, [before, f"{rows:,} rows of the warehouse without its data"]))
        return Outcome("deleted", customer["id"], why=why, dry_run=session.dry_run)
