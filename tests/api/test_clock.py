"""Stripe's clock: stamps never go back, and the seen time is never ahead of Stripe's."""

import time
from email.utils import formatdate

import pytest

from stripe_source.api import clock as clock_module
from stripe_source.api.client import Client
from stripe_source.api.clock import StripeClock
from stripe_source.errors import PermissionDenied
from stripe_source.simulator import Simulator
from tests.api.conftest import Connect


def date(seconds: float) -> str:
    """A Date header."""
    return formatdate(seconds, usegmt=True)


def test_before_any_answer_the_local_clock_counts() -> None:
    """A clock that has seen nothing tells the local time."""
    clock = StripeClock()
    assert clock.stamp() == pytest.approx(time.time(), abs=1)
    assert clock.seen() == pytest.approx(time.time(), abs=1)


@pytest.mark.parametrize("skew", [-86_400, -3, 3, 86_400])
def test_the_header_sets_the_clock(skew: int) -> None:
    """With a local clock that is wrong by any amount, both times are Stripe's."""
    stripe = int(time.time()) + skew
    clock = StripeClock()
    clock.observe(date(stripe))
    assert clock.seen() == stripe
    assert clock.stamp() == pytest.approx(stripe, abs=0.5)


def test_seen_is_the_latest_second_named_and_never_ahead() -> None:
    """Time that passes here does not count, nor does an answer that is late."""
    stripe = int(time.time()) - 100
    clock = StripeClock()
    clock.observe(date(stripe))
    time.sleep(0.01)
    clock.observe(date(stripe - 50))
    clock.not_before(time.time() + 1_000)
    assert clock.seen() == stripe
    clock.observe(date(stripe + 1))
    assert clock.seen() == stripe + 1


def test_a_late_answer_does_not_turn_stamps_back() -> None:
    """Answers overtake each other; the stamps follow the latest and never go back."""
    stripe = int(time.time()) + 500
    clock = StripeClock()
    stamps = []
    for shift in (0, 3, -2, 1, -100, 4):
        clock.observe(date(stripe + shift))
        stamps.append(clock.stamp())
    assert stamps == sorted(stamps)
    assert stamps[-1] >= stripe + 4


def test_a_local_clock_set_back_does_not_turn_stamps_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the machine's clock steps back under a running sync, stamps still go on."""
    clock = StripeClock()
    clock.observe(date(time.time()))
    first = clock.stamp()
    behind = time.time() - 60
    monkeypatch.setattr(clock_module.time, "time", lambda: behind)
    assert clock.stamp() >= first


def test_stamps_go_on_behind_those_of_an_earlier_sync() -> None:
    """What an earlier sync stamped with a clock ahead of ours stays older than what comes now."""
    earlier = time.time() + 1_000
    clock = StripeClock()
    clock.observe(date(time.time()))
    clock.not_before(earlier)
    assert clock.stamp() >= earlier
    clock.not_before(earlier - 5_000)
    assert clock.stamp() >= earlier


def test_not_before_holds_whatever_is_seen_later() -> None:
    """The first answer after not_before doesn't undo it."""
    earlier = time.time() + 1_000
    clock = StripeClock()
    clock.not_before(earlier)
    clock.observe(date(time.time()))
    assert clock.stamp() >= earlier


@pytest.mark.parametrize(
    "header", [None, "", "yesterday", "Sat, 99 Foo 2026 12:00:00 GMT", "1793448000", "\x00"]
)
def test_a_malformed_header_changes_nothing(header: str | None) -> None:
    """A Date that can't be read is passed over."""
    stripe = int(time.time()) - 1_000
    clock = StripeClock()
    clock.observe(date(stripe))
    clock.observe(header)
    assert clock.seen() == stripe
    assert clock.stamp() == pytest.approx(stripe, abs=1)


def test_answers_of_stripe_set_the_client_s_clock(sim: Simulator, connect: Connect) -> None:
    """After a request the client tells the simulated account's time, which is another than ours."""
    client = connect(sim)
    client.get_json("/v1/coupons")
    assert client.clock.seen() == sim.account.clock.now != int(time.time())


def test_a_refusal_tells_the_time_too(sim: Simulator, connect: Connect) -> None:
    """A 403 is Stripe's answer and dated: the cursor stamped next is by Stripe's clock, not ours.

    A restricted key that may not read ``/v1/account`` meets this at the start of every sync.
    """
    sim.add_key("rk_test_mayreadnothing", set())
    client: Client = connect(sim, "rk_test_mayreadnothing")
    with pytest.raises(PermissionDenied):
        client.get_json("/v1/coupons")
    assert client.clock.seen() == sim.account.clock.now
