"""Search and get: what is found, and what is said where nothing can be."""

import pytest

from stripe_source.actions.session import Session
from stripe_source.errors import (
    AccessError,
    Gone,
    NotFound,
    PermissionDenied,
    StripeSourceError,
    UsageError,
)
from stripe_source.simulator import Simulator
from tests.actions.conftest import Connect, Made, customers, do, one


@pytest.mark.parametrize("noun", ["customer", "subscription", "invoice", "product"])
def test_an_object_by_its_id(session: Session, account: Simulator, noun: str) -> None:
    """It comes whole, as Stripe shows it."""
    wanted = account.account.objects(f"/v1/{noun}s")[0]
    found = one(session, f"get {noun}", id=wanted["id"])
    assert found.outcome == "found"
    assert found.object is not None
    assert found.object["object"] == noun
    assert found.object["created"] == wanted["created"]


@pytest.mark.parametrize("noun", ["customers", "subscriptions", "invoices", "products"])
def test_objects_without_a_filter(session: Session, account: Simulator, noun: str) -> None:
    """Without conditions the newest are listed, of subscriptions the canceled ones, too."""
    wanted = [each["id"] for each in account.account.objects(f"/v1/{noun}")][:3]
    assert [found.id for found in do(session, f"search {noun}", limit=3)] == wanted


@pytest.mark.parametrize(
    ("noun", "condition", "of"),
    [
        ("customers", ("email", "=", "customer2@example.com"), lambda o: o["email"]),
        ("invoices", ("status", "=", "paid"), lambda o: o["status"]),
        ("subscriptions", ("status", "=", "active"), lambda o: o["status"]),
        ("products", ("active", "=", "true"), lambda o: str(o["active"]).lower()),
    ],
)
def test_a_list_filters_at_once(made: Made, connected: Connect, noun, condition, of) -> None:
    """What a list can tell is asked of the list: search may know nothing yet."""
    simulator = made(search_available=False)
    field, operator, value = condition
    filtered = {"conditions": [{"field": field, "operator": operator, "value": value}]}
    found = do(connected(simulator), f"search {noun}", filter=filtered, limit=100)
    wanted = [o["id"] for o in simulator.account.objects(f"/v1/{noun}") if of(o) == value][:100]
    assert [each.id for each in found] == wanted
    assert wanted


def test_search_takes_what_a_list_cannot(session: Session, account: Simulator) -> None:
    """Names, parts of texts and metadata; and a query as Stripe has it."""
    account.advance(60)
    wanted = {c["id"] for c in customers(account) if c["metadata"].get("plan") == "b"}
    filtered = {"conditions": [{"field": "metadata.plan", "value": "b"}]}
    assert {o.id for o in do(session, "search customers", filter=filtered)} == wanted
    assert {o.id for o in do(session, "search customers", filter='metadata["plan"]:"b"')} == wanted
    either = {
        "conditions": [
            {"field": "email", "operator": "~", "value": "customer2"},
            {"field": "email", "operator": "~", "value": "customer3"},
        ],
        "combine": "or",
    }
    assert len(do(session, "search customers", filter=either)) == 2


def test_a_query_that_stripe_refuses_is_shown(session: Session) -> None:
    """With Stripe's reason and the query, for it may have been made from conditions."""
    with pytest.raises(StripeSourceError, match=r"unable to parse .*\(the query was: name\)"):
        do(session, "search customers", filter="name")


def test_the_limit(session: Session) -> None:
    """From 1 to 100, by default 10."""
    assert len(do(session, "search invoices")) == 10
    for limit in (0, 101):
        with pytest.raises(UsageError, match="limit"):
            do(session, "search invoices", limit=limit)


def test_an_id_that_there_is_not(session: Session, account: Simulator) -> None:
    """Stripe's own line, and what kind of object the id is of."""
    with pytest.raises(NotFound, match="No such customer: 'cus_no'"):
        do(session, "get customer", id="cus_no")
    subscription = account.account.objects("/v1/subscriptions")[0]["id"]
    with pytest.raises(NotFound, match="that is the id of a subscription") as missing:
        do(session, "get customer", id=subscription)
    assert missing.value.request_id is not None
    with pytest.raises(UsageError, match="needs its field 'id'"):
        do(session, "get customer", id="")


@pytest.mark.parametrize("identifier", ["../events", "a/b", "cus_1?expand=x", "cus 1", "%2e%2e"])
def test_an_id_leads_nowhere_else(session: Session, account: Simulator, identifier: str) -> None:
    """Whatever is in an id, it is asked for as one, and so there is none."""
    with pytest.raises(StripeSourceError):
        do(session, "get customer", id=identifier)
    assert {each["path"].split("/")[2] for each in account.stats.log} <= {"customers"}


def test_a_deleted_customer(session: Session, account: Simulator) -> None:
    """It is said that it was deleted, where Stripe shows a stub."""
    customer = customers(account)[0]["id"]
    account.account.delete("/v1/customers", customer)
    with pytest.raises(Gone, match=f"the customer {customer} was deleted"):
        do(session, "get customer", id=customer)


def test_a_key_that_may_not_read(account: Simulator, connected: Connect) -> None:
    """The missing permission is named; a key that is none is refused."""
    account.add_key("rk_test_nothing0001", set())
    with pytest.raises(PermissionDenied, match="missing permission rak_customer_read"):
        do(connected(account, "rk_test_nothing0001"), "search customers")
    with pytest.raises(AccessError, match="refuses the key"):
        do(connected(account, "sk_test_notthere00001"), "search customers")
