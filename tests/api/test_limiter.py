"""Requests are spaced, slow down on a 429, and an endpoint waits for itself alone."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from stripe_source.api import limiter as limiter_module
from stripe_source.api.limiter import Limiter, Limits, Pace, limits_for


def test_limits_are_those_that_stripe_publishes() -> None:
    """100 requests a second live, 25 in a sandbox, 25 for any endpoint."""
    assert limits_for(livemode=True) == Limits(100.0, 25.0)
    assert limits_for(livemode=False) == Limits(25.0, 25.0)


def test_turns_are_evenly_spaced() -> None:
    """N turns booked at once come 1/rate apart, so that the last waits (N-1)/rate."""
    pace = Pace(50.0)
    started = time.monotonic()
    waits = [pace.turn() for _ in range(26)]
    booked = time.monotonic() - started
    assert waits[0] == 0
    assert waits[-1] == pytest.approx(25 / 50, abs=booked + 0.001)
    gaps = [later - earlier for earlier, later in pairwise(waits)]
    assert gaps == pytest.approx([1 / 50] * 25, abs=booked + 0.001)


def test_threads_together_keep_the_rate() -> None:
    """However many threads ask, the account's rate holds, and silence before saves up nothing."""
    limiter = Limiter(Limits(account=200.0, endpoint=5_000.0))
    limiter.wait("/warm")
    time.sleep(0.1)
    started = time.monotonic()
    with ThreadPoolExecutor(12) as threads:
        waited = list(threads.map(limiter.wait, [f"/{n % 5}" for n in range(41)]))
    assert 40 / 200 <= time.monotonic() - started < 40 / 200 + 0.15
    assert max(waited) > 0


def test_wait_says_how_long_it_took() -> None:
    """The seconds that wait returns are those that it blocked."""
    limiter = Limiter(Limits(account=5_000.0, endpoint=20.0))
    limiter.wait("/customers")
    started = time.monotonic()
    waited = limiter.wait("/customers")
    assert waited == pytest.approx(1 / 20, abs=0.005)
    assert time.monotonic() - started >= waited


def test_a_crowded_endpoint_does_not_hold_up_another() -> None:
    """Requests in line for one endpoint book none of the account's turns until theirs has come."""
    limiter = Limiter(Limits(account=25.0, endpoint=12.5))
    crowd = [threading.Thread(target=limiter.wait, args=("/invoices",)) for _ in range(8)]
    for thread in crowd:
        thread.start()
    assert limiter.wait("/customers") < 3 / 25
    assert sum(thread.is_alive() for thread in crowd) >= 5
    for thread in crowd:
        thread.join()


def test_a_burst_of_429_slows_down_once() -> None:
    """What arrives together says the same thing once; a later 429 says it anew."""
    pace = Pace(100.0)
    for _ in range(5):
        pace.slow()
    assert pace.rate == pytest.approx(70.0)
    time.sleep(limiter_module.REST + 0.01)
    pace.slow()
    assert pace.rate == pytest.approx(49.0)


def test_a_429_is_followed_by_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a 429 nobody's turn comes before the rest is over."""
    monkeypatch.setattr(limiter_module, "REST", 0.5)
    pace = Pace(100.0)
    pace.slow()
    assert 0.45 < pace.turn() <= 0.5


def test_slowing_down_ends_at_the_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many 429s come, requests go on, at no less than the floor."""
    monkeypatch.setattr(limiter_module, "REST", 0.0)
    pace = Pace(25.0)
    for _ in range(50):
        pace.slow()
    assert pace.rate == limiter_module.FLOOR


def test_slowing_down_never_speeds_up() -> None:
    """A limit below the floor, set by the user, is kept after a 429 too."""
    pace = Pace(0.2)
    pace.slow()
    assert pace.rate <= 0.2


def test_good_answers_bring_the_pace_back_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each good answer is a step up; the limit is reached and never passed."""
    monkeypatch.setattr(limiter_module, "REST", 0.0)
    pace = Pace(100.0)
    pace.slow()
    pace.slow()
    rates = []
    for _ in range(30):
        pace.recover()
        rates.append(pace.rate)
    assert rates[0] == pytest.approx(51.0)
    assert rates == sorted(rates)
    assert rates[-1] == 100.0


def test_served_brings_back_both_paces() -> None:
    """A good answer of an endpoint lets it and the account recover."""
    limiter = Limiter(Limits(account=100.0, endpoint=50.0))
    limiter.limited("/invoices", "global-rate")
    limiter.limited("/invoices", "endpoint-rate")
    for _ in range(15):
        limiter.served("/invoices")
    time.sleep(limiter_module.REST)
    limiter.wait("/invoices")
    assert limiter.wait("/invoices") == pytest.approx(1 / 50, abs=0.004)


@pytest.mark.parametrize(
    ("reason", "everyone"),
    [
        ("global-rate", True),
        ("global-concurrency", True),
        ("endpoint-rate", False),
        ("endpoint-concurrency", False),
        ("resource-specific", False),
        (None, False),
    ],
)
def test_the_reason_says_who_slows_down(
    reason: str | None, everyone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A global reason silences every endpoint, any other one only the endpoint that was asked."""
    monkeypatch.setattr(limiter_module, "REST", 0.08)
    limiter = Limiter(Limits(account=5_000.0, endpoint=5_000.0))
    limiter.limited("/invoices", reason)
    other = limiter.wait("/customers")
    assert (other > 0.05) is everyone
    assert other + limiter.wait("/invoices") > 0.05
