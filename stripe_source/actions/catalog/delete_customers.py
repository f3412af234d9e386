"""Delete customers."""

from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field

from stripe_source.actions.customers import remove
from stripe_source.actions.matching import checked, matches
from stripe_source.actions.outcome import Json, Outcome
from stripe_source.actions.session import Eraser, Session
from stripe_source.actions.writing import OfMatches, each_alone, those
from stripe_source.errors import Gone, StripeSourceError, Undecided, UsageError


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
        if self.erase and session.eraser is None:
            raise UsageError("to erase, the session needs a warehouse (session.eraser)")
        try:
            found = those(matches(session, path, value), path, value, every=self.all_matches)
        except Gone:
            if session.eraser is None or not self.erase:
                raise
            session.about_to("Erase a customer")
            session.about_to_several(f"Erase {value} for good")
            return [_erased(session, session.eraser, {"id": value}, "deleted before, ")]
        if len(found) > 1 or self.erase:
            how = " and erase them for good" if self.erase else ""
            session.about_to_several(f"Delete {len(found)} customers{how}")
        eraser = session.eraser if self.erase else None
        return each_alone(found, lambda each: _removed(session, eraser, each))


def _removed(session: Session, eraser: Eraser | None, customer: Json) -> Outcome:
    """Delete, and erase: noted before, so that no sync after a kill brings anything back."""
    if eraser is None:
        return remove(session, customer)
    if session.dry_run:
        return _erased(session, eraser, customer, "")
    session.about_to("Delete a customer")
    eraser.note(customer)
    try:
        outcome = remove(session, customer)
    except Undecided:
        raise
    except StripeSourceError:
        eraser.forget(customer)
        raise
    return replace(outcome, why=_rows(eraser.blank(customer)))


def _erased(session: Session, eraser: Eraser, customer: Json, before: str) -> Outcome:
    """Erase one that Stripe has no more, or say of how many rows it would be."""
    if session.dry_run:
        rows = eraser.count(customer)
    else:
        eraser.note(customer)
        rows = eraser.blank(customer)
    why = f"{before}{_rows(rows)}"
    return Outcome("deleted", str(customer["id"]), why=why, dry_run=session.dry_run)


def _rows(number: int) -> str:
    return f"{number:,} rows of the warehouse without its data"
