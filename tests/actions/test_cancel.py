"""A subscription is canceled, at once or with its period, and once."""

from typing import Any, get_args

import pytest

from stripe_source.actions.catalog.cancel_subscription import Feedback
from stripe_source.actions.outcome import Change
from stripe_source.actions.session import Session
from stripe_source.errors import Gone, NotFound, StripeUnavailable, UsageError
from stripe_source.schema.params import params
from stripe_source.simulator import Simulator
from tests.actions.conftest import Connect, one, writes


@pytest.fixture
def subscription(account: Simulator) -> str:
    """An active one that does not end with its period."""
    every = account.account.objects("/v1/subscriptions")
    active = (s for s in every if s["status"] == "active" and not s["cancel_at_period_end"])
    return str(next(active)["id"])


def there(account: Simulator, identifier: str) -> dict[str, Any]:
    """The subscription as the account has it."""
    every = account.account.objects("/v1/subscriptions")
    return next(each for each in every if each["id"] == identifier)


def test_at_once(session: Session, account: Simulator, subscription: str) -> None:
    """It ends, with the customer's reason noted; a second time is an error."""
    done = one(
        session,
        "cancel subscription",
        id=subscription,
        prorate=True,
        invoice_now=True,
        feedback="too_expensive",
        comment="fees",
    )
    now = there(account, subscription)
    assert done.outcome == "canceled"
    assert done.changes == {
        "status": Change("active", "canceled"),
        "cancellation_details.feedback": Change(None, "too_expensive"),
        "cancellation_details.comment": Change(None, "fees"),
    }
    assert now["status"] == "canceled"
    assert now["cancellation_details"]["feedback"] == "too_expensive"
    assert now["cancellation_details"]["comment"] == "fees"
    with pytest.raises(Gone, match="is canceled already"):
        one(session, "cancel subscription", id=subscription)


def test_with_its_period(session: Session, account: Simulator, subscription: str) -> None:
    """It goes on until then; said again, nothing is sent, and then it can still end at once."""
    done = one(session, "cancel subscription", id=subscription, at_period_end=True)
    assert done.changes == {"cancel_at_period_end": Change(False, True)}
    assert there(account, subscription)["status"] == "active"
    sent = writes(account)
    again = one(session, "cancel subscription", id=subscription, at_period_end=True)
    assert (again.outcome, writes(account)) == ("unchanged", sent)
    assert one(session, "cancel subscription", id=subscription).outcome == "canceled"


@pytest.mark.parametrize("kind", ["500", "503", "reset", "truncate"])
def test_an_answer_that_was_lost(
    session: Session, account: Simulator, subscription: str, kind: str
) -> None:
    """Carried out, but unheard: the next try finds it canceled, which is what was wanted."""
    path = f"/v1/subscriptions/{subscription}"
    account.faults.append({"path": path, "method": "DELETE", "kind": kind, "executed": True})
    assert one(session, "cancel subscription", id=subscription).outcome == "canceled"


def test_a_dry_run(account: Simulator, connected: Connect, subscription: str) -> None:
    """It says what would change, and sends nothing."""
    dry = connected(account, dry_run=True)
    done = one(dry, "cancel subscription", id=subscription, at_period_end=True)
    assert (done.outcome, done.dry_run) == ("updated", True)
    assert done.changes == {"cancel_at_period_end": Change(False, True)}
    assert writes(account) == []


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"at_period_end": True, "prorate": True}, "are of a subscription canceled at once"),
        ({"feedback": "bored"}, "feedback: Input should be 'customer_service', 'low_quality'"),
        ({"comment": "x" * 5001}, "comment: String should have at most 5000 characters"),
        ({"prorated": True}, "has no field 'prorated'; did you mean 'prorate'?"),
        ({"prorate": "perhaps"}, "prorate: Input should be a valid boolean"),
    ],
)
def test_fields_that_cannot_be(session: Session, fields: dict[str, Any], line: str) -> None:
    """Each is refused before anything is sent."""
    with pytest.raises(UsageError) as refused:
        one(session, "cancel subscription", id="sub_1", **fields)
    assert line in str(refused.value)


def test_what_there_is_not(session: Session, account: Simulator) -> None:
    """An id of another kind, or of nothing."""
    customer = account.account.objects("/v1/customers")[0]["id"]
    with pytest.raises(NotFound, match="that is the id of a customer"):
        one(session, "cancel subscription", id=customer)
    with pytest.raises(NotFound, match="No such subscription"):
        one(session, "cancel subscription", id="sub_no")


def test_the_reasons_are_stripes() -> None:
    """The feedback that the action takes is what the SDK knows."""
    known = params("subscription_cancel")["cancellation_details.feedback"].choices
    assert set(get_args(Feedback)) == set(known)


def test_a_closed_session_sends_nothing(session: Session, subscription: str) -> None:
    """After it was closed, as when a command was interrupted."""
    session.client.close()
    with pytest.raises(StripeUnavailable, match="closed"):
        one(session, "cancel subscription", id=subscription)
