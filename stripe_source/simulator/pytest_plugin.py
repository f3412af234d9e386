"""Fixtures for anybody's tests against a simulated Stripe account.

pytest finds them by itself once ``stripe-source[simulator]`` is installed:

    def test_my_pipeline(stripe_simulator):
        client = stripe.StripeClient(
            stripe_simulator.api_key, base_addresses={"api": stripe_simulator.url}
        )

``stripe_simulator`` is a fresh account of a small business for each test, and
``make_stripe_simulator`` starts as many others as a test asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from stripe_source.simulator.simulator import Simulator

MakeStripeSimulator: TypeAlias = "Callable[..., Simulator]"

SMALL: dict[str, Any] = {"customers": 20, "years": 1.0}
"""A business that is there in a moment; ``make_stripe_simulator`` starts from it too."""


@pytest.fixture
def make_stripe_simulator() -> Iterator[MakeStripeSimulator]:
    """Starts simulators: ``make_stripe_simulator(customers=500, limits="live")``.

    The arguments are those of ``SimulatorConfig``. All of them end with the test.
    """
    with ExitStack() as running:

        def make(**config: Any) -> Simulator:
            from stripe_source.simulator.config import SimulatorConfig
            from stripe_source.simulator.simulator import Simulator

            return running.enter_context(Simulator(SimulatorConfig(**(SMALL | config))))

        yield make


@pytest.fixture
def stripe_simulator(make_stripe_simulator: MakeStripeSimulator) -> Simulator:
    """A simulated Stripe account of the test's own, served on 127.0.0.1."""
    return make_stripe_simulator()
