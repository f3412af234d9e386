"""Customers are made once, changed where something differs, and deleted when that is meant."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from stripe_source.actions.outcome import Change
from stripe_source.actions.session import Session
from stripe_source.api import retries
from stripe_source.errors import (
    FailureKept,
    Gone,
    NotFound,
    PermissionDenied,
    StripeSourceError,
    StripeUnavailable,
    Undecided,
    UsageError,
)
from stripe_source.simulator import Simulator
from tests.actions.conftest import Connect, Made, customers, do, one, writes

ADA = {"email": "ada@example.com", "address.city": "London", "metadata.crm_id": 7}


def upsert(session: Session, value: str = "7", by: str = "metadata.crm_id", **mappings: object):
    """Upsert a customer by a property."""
    return one(
        session,
        "upsert customers",
        matching_property=by,
        matching_value=value,
        mappings=mappings or {"name": "Ada"},
    )


def at_once(
    sessions: list[Session], mappings: Callable[[int], dict[str, object]]
) -> list[str | None]:
    """Upsert one customer from all sessions at the same moment; the id that each is told."""
    barrier = threading.Barrier(len(sessions))

    def run(number: int) -> str | None:
        barrier.wait()
        return upsert(sessions[number], "unheard of", **mappings(number)).id

    with ThreadPoolExecutor(len(sessions)) as threads:
        return list(threads.map(run, range(len(sessions))))


def having(simulator: Simulator, crm_id: str = "7") -> list[dict[str, object]]:
    """The customers of an account with an id in the CRM."""
    return [each for each in customers(simulator) if each["metadata"].get("crm_id") == crm_id]


def test_a_customer_is_made(session: Session, account: Simulator) -> None:
    """With nested properties and metadata; the outcome says what was set, and by which request."""
    made = one(session, "insert customer", mappings=ADA)
    (there,) = [each for each in customers(account) if each["id"] == made.id]
    assert (there["email"], there["address"]["city"]) == ("ada@example.com", "London")
    assert there["metadata"] == {"crm_id": "7"}
    assert made.changes["metadata.crm_id"] == Change(None, "7")
    assert str(made.request_id).startswith("req_")


def test_a_customer_of_nothing_is_not_made(session: Session) -> None:
    """Neither without any property nor with nulls only."""
    for mappings in ({}, {"name": None}):
        with pytest.raises(UsageError, match="no property at all"):
            do(session, "insert customer", mappings=mappings)


def test_an_update_sends_what_differs(session: Session, account: Simulator) -> None:
    """The change shows before and after; done again, nothing is sent."""
    customer = one(session, "insert customer", mappings=ADA).id
    fields = {
        "matching_property": "id",
        "matching_value": customer,
        "mappings": {"email": "ada@example.com", "address.city": "Bonn", "name": "Ada"},
    }
    updated = one(session, "update customers", **fields)
    assert updated.outcome == "updated"
    assert updated.changes == {
        "address.city": Change("London", "Bonn"),
        "name": Change(None, "Ada"),
    }
    sent = len(writes(account))
    assert one(session, "update customers", **fields).outcome == "unchanged"
    assert len(writes(account)) == sent


def test_a_property_is_taken_away(session: Session, account: Simulator) -> None:
    """An empty text unsets it, also in metadata; null leaves it alone."""
    customer = one(session, "insert customer", mappings=ADA | {"name": "Ada"}).id
    mappings = {"name": "", "metadata.crm_id": "", "email": None}
    one(
        session,
        "update customers",
        matching_property="id",
        matching_value=customer,
        mappings=mappings,
    )
    (there,) = [each for each in customers(account) if each["id"] == customer]
    assert (there["name"], there["metadata"], there["email"]) == (None, {}, "ada@example.com")


def test_only_what_is_empty_is_set(session: Session) -> None:
    """With skip_if_exist a value stays; where all have one, the customer is skipped."""
    customer = one(session, "insert customer", mappings=ADA).id
    fields = {
        "matching_property": "id",
        "matching_value": customer,
        "mappings": {"email": "other@example.com", "name": "Ada"},
        "skip_if_exist": True,
    }
    assert one(session, "update customers", **fields).changes == {"name": Change(None, "Ada")}
    skipped = one(session, "update customers", **fields)
    assert (skipped.outcome, skipped.why) == ("skipped", "every property has a value already")


@pytest.mark.parametrize("by", ["email", "metadata.crm_id", "name", "phone"])
def test_an_upsert_makes_and_then_changes(session: Session, by: str) -> None:
    """Whatever it matches by: once made, a customer is found, though search knows nothing yet."""
    value = "made@example.com" if by == "email" else "unheard of"
    first = upsert(session, value, by, description="one")
    second = upsert(session, value, by, description="two")
    third = upsert(session, value, by, description="two")
    assert [each.outcome for each in (first, second, third)] == ["created", "updated", "unchanged"]
    assert first.id == second.id == third.id
    assert second.changes == {"description": Change("one", "two")}


def test_another_session_finds_what_search_does_not_know(made: Made, connected: Connect) -> None:
    """The newest customers are listed, for search is late: here by an hour."""
    simulator = made(search_lag=3600)
    first = one(connected(simulator), "insert customer", mappings={"metadata.crm_id": "unheard of"})
    simulator.advance(300)
    assert upsert(connected(simulator), "unheard of", name="Bea").id == first.id
    assert len(having(simulator, "unheard of")) == 1


def test_without_search_all_are_listed(made: Made, connected: Connect) -> None:
    """In India there is no search: the account's customers are listed once, and then known."""
    simulator = made(customers=150, search_available=False)
    session = connected(simulator)
    wanted = customers(simulator)[-1]
    crm_id = wanted["metadata"]["crm_id"]
    assert upsert(session, crm_id, description="x").id == wanted["id"]
    lists = sum(each["path"] == "/v1/customers" for each in simulator.stats.log)
    assert upsert(session, "unheard of").outcome == "created"
    assert upsert(session, "unheard of").outcome == "unchanged"
    assert sum(each["path"] == "/v1/customers" for each in simulator.stats.log) == lists + 1


def test_search_is_no_proof(made: Made, connected: Connect) -> None:
    """What search still shows with its old value does not match, and neither does another case."""
    simulator = made(search_lag=3600)
    simulator.advance(7200)
    customer = customers(simulator)[0]
    crm_id = customer["metadata"]["crm_id"]
    simulator.account.update("/v1/customers", customer["id"], {"metadata": {"crm_id": "other"}})
    assert upsert(connected(simulator), crm_id).outcome == "created"
    simulator.account.update("/v1/customers", customer["id"], {"name": "Grace Hopper"})
    with pytest.raises(NotFound, match="no customer has the name"):
        do(
            connected(simulator),
            "update customers",
            matching_property="name",
            matching_value="grace hopper",
            mappings={"phone": "1"},
        )


def test_upserts_at_the_same_time_make_one_customer(made: Made, connected: Connect) -> None:
    """Ten sessions, the same key: one customer, by the idempotency key that follows from it."""
    simulator = made(search_lag=3600, latency_ms=(5, 20))
    sessions = [connected(simulator) for _ in range(10)]
    ids = at_once(sessions, lambda _: {"name": "Ada"})
    assert len(set(ids)) == 1
    assert len(having(simulator, "unheard of")) == 1


def test_upserts_that_differ_make_one_customer(made: Made, connected: Connect) -> None:
    """The same key with other properties: Stripe refuses the second, which then is an update."""
    simulator = made(search_lag=3600, latency_ms=(5, 20))
    sessions = [connected(simulator) for _ in range(6)]
    ids = at_once(sessions, lambda number: {"description": f"by {number}"})
    assert len(set(ids)) == 1
    assert len(having(simulator, "unheard of")) == 1


def test_what_was_deleted_can_be_made_again(session: Session) -> None:
    """Within the day in which Stripe repeats its answer for the key, again and again."""
    ids = []
    for _ in range(3):
        ids.append(upsert(session, "made@example.com", "email").id)
        one(session, "delete customers", matching_property="id", matching_value=ids[-1])
    assert len(set(ids)) == 3


@pytest.mark.parametrize("kind", ["500", "503", "502_html", "reset", "truncate", "garbage"])
def test_a_write_whose_answer_was_lost_is_done_once(
    session: Session, account: Simulator, kind: str
) -> None:
    """Carried out, but the answer went astray: it is asked for again with the same key."""
    fault = {"path": "/v1/customers", "method": "POST", "kind": kind, "executed": True}
    account.faults.append(fault)
    before = len(customers(account))
    if kind == "500":  # Stripe keeps the failure for the key
        assert upsert(session, "made@example.com", "email").outcome == "unchanged"
    else:
        assert upsert(session, "made@example.com", "email").outcome == "created"
        assert one(session, "insert customer", mappings=ADA).outcome == "created"
        assert len(customers(account)) == before + 2
        return
    assert len(customers(account)) == before + 1


@pytest.mark.parametrize("attempt", range(3))
def test_two_sessions_and_a_stripe_that_fails(made: Made, connected: Connect, attempt: int) -> None:
    """Different properties, 500s that Stripe keeps, and one deleted since: still one customer."""
    simulator = made(search_lag=3600, latency_ms=(2, 10), seed=attempt + 3)
    one(
        connected(simulator),
        "delete customers",
        matching_property="id",
        matching_value=upsert(connected(simulator), "unheard of").id,
    )
    simulator.faults.append(
        {
            "path": "/v1/customers",
            "exact": True,
            "method": "POST",
            "kind": "500",
            "times": 3,
            "every": 2,
        }
    )
    sessions = [connected(simulator) for _ in range(3)]
    ids = at_once(sessions, lambda number: {"description": f"by {number}"})
    assert len(set(ids)) == 1
    assert len(having(simulator, "unheard of")) == 1


def test_a_failure_that_stripe_keeps_is_not_the_end(session: Session, account: Simulator) -> None:
    """A 500 before anything was done: an upsert takes the next key, an insert says what it is."""
    account.faults.append({"path": "/v1/customers", "method": "POST", "kind": "500"})
    assert upsert(session, "made@example.com", "email").outcome == "created"
    account.faults.append({"path": "/v1/customers", "method": "POST", "kind": "500"})
    with pytest.raises(FailureKept, match="it may have been carried out or not"):
        do(session, "insert customer", mappings=ADA)
    assert len([each for each in customers(account) if each["email"] == "made@example.com"]) == 1


def test_an_update_and_a_delete_get_through_a_storm(session: Session, account: Simulator) -> None:
    """429s and 5xx, before and after the request was carried out."""
    customer = one(session, "insert customer", mappings=ADA).id
    for kind, executed in (("429", False), ("503", True), ("reset", True), ("429", False)):
        account.faults.append(
            {
                "path": f"/v1/customers/{customer}",
                "method": "POST",
                "kind": kind,
                "executed": executed,
            }
        )
        account.faults.append(
            {
                "path": f"/v1/customers/{customer}",
                "method": "DELETE",
                "kind": kind,
                "executed": executed,
            }
        )
    by_id = {"matching_property": "id", "matching_value": customer}
    assert one(session, "update customers", **by_id, mappings={"name": "A"}).outcome == "updated"
    assert one(session, "delete customers", **by_id).outcome == "deleted"
    assert customer not in [each["id"] for each in customers(account)]


def test_a_storm_without_end(
    session: Session, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said whether the write may have been carried out: not where the limit kept it out."""
    monkeypatch.setattr(retries, "ATTEMPTS", 3)
    monkeypatch.setattr(retries, "LIMITED_ATTEMPTS", 3)
    account.faults.append({"path": "/v1/customers", "method": "POST", "kind": "503", "times": 99})
    with pytest.raises(Undecided, match="it may have been carried out or not"):
        do(session, "insert customer", mappings=ADA)
    account.faults[:] = [{"path": "/v1/customers", "method": "POST", "kind": "429", "times": 99}]
    with pytest.raises(StripeUnavailable) as limited:
        do(session, "insert customer", mappings=ADA)
    assert not isinstance(limited.value, Undecided)


def test_several_that_match(session: Session, connected: Connect, account: Simulator) -> None:
    """An error that names them, unless all are meant; deleting them all has to be confirmed."""
    ids = [one(session, "insert customer", mappings=ADA).id for _ in range(2)]
    by_email = {"matching_property": "email", "matching_value": "ada@example.com"}
    with pytest.raises(UsageError, match="2 customers have the email") as several:
        do(session, "update customers", **by_email, mappings={"name": "Ada"})
    assert all(str(each) in str(several.value) for each in ids)
    done = do(session, "update customers", **by_email, mappings={"name": "Ada"}, all_matches=True)
    assert {each.id for each in done} == set(ids)
    with pytest.raises(UsageError, match="delete 2 customers, say --yes"):
        do(session, "delete customers", **by_email, all_matches=True)
    meant = connected(account, yes=True)
    assert len(do(meant, "delete customers", **by_email, all_matches=True)) == 2
    assert not [each for each in customers(account) if each["id"] in ids]


def test_of_several_one_fails_alone(session: Session, account: Simulator) -> None:
    """The others are done, and each says what became of it."""
    ids = [str(one(session, "insert customer", mappings=ADA).id) for _ in range(3)]
    path = f"/v1/customers/{ids[1]}"
    account.faults.append({"path": path, "method": "POST", "kind": "403", "times": 9})
    by_email = {"matching_property": "email", "matching_value": "ada@example.com"}
    done = do(session, "update customers", **by_email, mappings={"name": "A"}, all_matches=True)
    assert {each.id: each.outcome for each in done} == {
        ids[0]: "updated",
        ids[1]: "failed",
        ids[2]: "updated",
    }


def test_what_only_an_update_takes(session: Session) -> None:
    """An upsert may have to make the customer, so that it takes what both do."""
    with pytest.raises(UsageError, match="no property 'default_source'"):
        upsert(session, "a@example.com", "email", default_source="card_1")


@pytest.mark.parametrize("name", ["update customers", "upsert customers", "delete customers"])
def test_a_match_that_cannot_be(session: Session, account: Simulator, name: str) -> None:
    """Nothing to match with is never all customers; what can't be matched by is named."""
    mappings = {} if name.startswith("delete") else {"mappings": {"name": "x"}}
    for value in ("", "  "):
        with pytest.raises(UsageError, match="empty: that would be any customer"):
            do(session, name, matching_property="email", matching_value=value, **mappings)
    for by in ("address.city", "metadata", "metadata.", "description"):
        with pytest.raises(UsageError, match="can't be matched by"):
            do(session, name, matching_property=by, matching_value="x", **mappings)
    with pytest.raises(UsageError, match="needs its field 'matching_value'"):
        do(session, name, matching_property="email", **mappings)
    assert account.stats.requests == 0


def test_an_upsert_by_id_changes_only(session: Session) -> None:
    """Stripe gives the ids: where there is none it is an error, and so is a deleted one."""
    with pytest.raises(NotFound, match="No such customer"):
        upsert(session, "cus_no", "id")
    customer = one(session, "insert customer", mappings=ADA).id
    assert upsert(session, str(customer), "id").outcome == "updated"
    one(session, "delete customers", matching_property="id", matching_value=customer)
    for name in ("update customers", "delete customers"):
        mappings = {} if name.startswith("delete") else {"mappings": {"name": "x"}}
        with pytest.raises(Gone, match="was deleted"):
            do(session, name, matching_property="id", matching_value=customer, **mappings)


def test_an_upsert_keeps_what_it_matches_by(session: Session) -> None:
    """A mapping for it would make another customer each time."""
    with pytest.raises(UsageError, match="a mapping can't change it"):
        upsert(session, "a@example.com", "email", email="b@example.com")


def test_a_dry_run_writes_nothing(account: Simulator, connected: Connect) -> None:
    """It says what would be, down to the values, and sends no write."""
    session = connected(account)
    customer = one(session, "insert customer", mappings=ADA).id
    sent = writes(account)
    dry = connected(account, dry_run=True)
    by_id = {"matching_property": "id", "matching_value": customer}
    created = one(dry, "insert customer", mappings=ADA)
    updated = one(dry, "update customers", **by_id, mappings={"address.city": "Bonn"})
    upserted = upsert(dry, "unheard of")
    deleted = one(dry, "delete customers", **by_id)
    kinds = [each.outcome for each in (created, updated, upserted, deleted)]
    assert kinds == ["created", "updated", "created", "deleted"]
    assert all(each.dry_run for each in (created, updated, upserted, deleted))
    assert updated.changes == {"address.city": Change("London", "Bonn")}
    assert upserted.changes["metadata.crm_id"] == Change(None, "unheard of")
    assert writes(account) == sent


def test_a_live_account_is_asked_for(made: Made, connected: Connect) -> None:
    """A write needs live=True or somebody who says yes; reads don't, and a dry run neither."""
    simulator = made(livemode=True)
    by_email = {"matching_property": "email", "matching_value": "customer2@example.com"}
    with pytest.raises(UsageError, match="insert a customer in live mode, say --live"):
        do(connected(simulator), "insert customer", mappings=ADA)
    with pytest.raises(UsageError, match="in live mode"):
        do(connected(simulator), "delete customers", **by_email)
    asked: list[str] = []
    refusing = connected(simulator, ask=lambda question: asked.append(question) is not None)
    with pytest.raises(UsageError, match="nothing was done"):
        do(refusing, "insert customer", mappings=ADA)
    assert writes(simulator) == []
    willing = connected(simulator, ask=lambda question: asked.append(question) is None)
    do(willing, "insert customer", mappings=ADA)
    do(willing, "insert customer", mappings=ADA)
    assert len(asked) == 2  # a session is asked once
    assert "live data" in asked[0]
    do(connected(simulator, live=True), "delete customers", **by_email)
    assert do(connected(simulator), "search customers")
    assert do(connected(simulator, dry_run=True), "insert customer", mappings=ADA)


def test_a_key_that_may_not_write(account: Simulator, connected: Connect) -> None:
    """The missing permission is named, and nothing was written."""
    account.add_key("rk_test_reader0001", {"rak_customer_read"})
    with pytest.raises(PermissionDenied, match="missing permission rak_customer_write"):
        upsert(connected(account, "rk_test_reader0001"), "made@example.com", "email")


def test_what_stripe_refuses_is_said(session: Session) -> None:
    """In Stripe's words, with its request id, and the key nowhere."""
    with pytest.raises(StripeSourceError, match="invoice_prefix") as refused:
        do(session, "insert customer", mappings={"invoice_prefix": "a b"})
    assert refused.value.request_id is not None
    assert session.client.connection.key.secret not in str(refused.value)
