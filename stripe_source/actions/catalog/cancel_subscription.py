"""Cancel a subscription."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from stripe_source.actions.action import Action
from stripe_source.actions.outcome import Change, Json, Kind, Outcome
from stripe_source.actions.reading import Id, get
from stripe_source.actions.session import Session
from stripe_source.actions.writing import request_of
from stripe_source.errors import Gone, NotFound, UsageError

NOUN = "subscription"
ENDED = ("canceled", "incomplete_expired")
Feedback = Literal[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
]


class CancelSubscription(Action):
    """Cancel a subscription, at once or at the end of its period."""

    writes: ClassVar = True
    again: ClassVar = "gone"
    examples: ClassVar = (
        "sub_123 --at-period-end --feedback too_expensive",
        "sub_123 --prorate --invoice-now",
    )

    id: Id
    at_period_end: Annotated[bool, Field(description="Let it run to the end of its period.")] = (
        False
    )
    prorate: Annotated[
        bool, Field(description="Credit what is left of the period (when canceled at once).")
    ] = False
    invoice_now: Annotated[
        bool, Field(description="Invoice usage and prorations at once (when canceled at once).")
    ] = False
    feedback: Annotated[Feedback | None, Field(description="Why the customer leaves.")] = None
    comment: Annotated[str | None, Field(description="More on why.", max_length=5000)] = None

    def run(self, session: Session) -> list[Outcome]:
        """The subscription afterwards. Raises for one that has ended already."""
        if self.at_period_end and (self.prorate or self.invoice_now):
            raise UsageError("prorate and invoice_now are of a subscription canceled at once")
        service = session.stripe.v1.subscriptions
        before = get(service, NOUN, self.id)
        if before["status"] in ENDED:
            raise Gone(f"the subscription {self.id} is {before['status']} already")
        if self.at_period_end and before["cancel_at_period_end"]:
            return [Outcome("unchanged", self.id, before, why="it ends with its period already")]
        session.about_to("Cancel a subscription")
        if session.dry_run:
            return [Outcome(self._kind, self.id, before, self._changes(before), dry_run=True)]
        return [self._later(service, before) if self.at_period_end else self._now(service, before)]

    def _changes(self, before: Json) -> dict[str, Change]:
        told = self._reason().get("cancellation_details", {})
        known = before.get("cancellation_details") or {}
        said = {
            f"cancellation_details.{name}": Change(known.get(name), value)
            for name, value in told.items()
        }
        if self.at_period_end:
            return {"cancel_at_period_end": Change(False, True), **said}
        return {"status": Change(before["status"], "canceled"), **said}

    def _reason(self) -> dict[str, Any]:
        given = {"feedback": self.feedback, "comment": self.comment}
        details = {name: value for name, value in given.items() if value is not None}
        return {"cancellation_details": details} if details else {}

    def _later(self, service: Any, before: Json) -> Outcome:
        params = {"cancel_at_period_end": True, **self._reason()}
        answer = service.update(self.id, params)
        return self._done(before, answer.to_dict(), request_of(answer))

    def _now(self, service: Any, before: Json) -> Outcome:
        params = {"prorate": self.prorate, "invoice_now": self.invoice_now, **self._reason()}
        try:
            answer = service.cancel(self.id, params)
        except NotFound:
            # The first answer was lost, or somebody else was faster.
            after = get(service, NOUN, self.id)
            if after["status"] not in ENDED:
                raise
            return self._done(before, after, None)
        return self._done(before, answer.to_dict(), request_of(answer))

    def _done(self, before: Json, after: Json, request_id: str | None) -> Outcome:
        return Outcome(self._kind, self.id, after, self._changes(before), request_id=request_id)

    @property
    def _kind(self) -> Kind:
        """With its period it goes on for now: that is a change, and no end yet."""
        return "updated" if self.at_period_end else "canceled"
