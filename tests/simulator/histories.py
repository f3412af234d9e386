"""Random histories of an account: time passes, others change it, and a client writes to it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import stripe
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.config import EventQuirks

from .conftest import sdk
from .requests_at_random import WHERE, WRITES

DAY = 86400
Step: TypeAlias = tuple[Any, ...]
"""``("advance", seconds)``, ``("mutate", count)``, ``("write", theme, number in WRITES[theme],
which object)`` or ``("sync",)``."""

SPANS = (0, 1, 7, 45, 3600, 5 * 3600, DAY, 4 * DAY, 17 * DAY, 29 * DAY, 31 * DAY, 75 * DAY)


def steps_about(themes: set[str]) -> st.SearchStrategy[list[Step]]:
    """Histories whose writes are about few things, so that they meet."""
    which = st.one_of(st.just(0), st.integers(0, 9))
    writes = [
        st.tuples(st.just("write"), st.just(theme), st.integers(0, len(WRITES[theme]) - 1), which)
        for theme in sorted(themes)
    ]
    time = st.tuples(st.just("advance"), st.sampled_from(SPANS))
    others = st.tuples(st.just("mutate"), st.integers(1, 6))
    step = st.one_of(*writes, *writes, time, others, st.just(("sync",)))
    return st.lists(step, min_size=1, max_size=25)


STEPS = st.sets(st.sampled_from(sorted(WRITES)), min_size=1, max_size=3).flatmap(steps_about)
QUIRKS = st.builds(
    EventQuirks,
    lag=st.sampled_from([(0, 0), (0, 60), (10, 10)]),
    duplicates=st.sampled_from([0.0, 0.3]),
    stale=st.sampled_from([0.0, 0.5]),
    older=st.sampled_from([0.0, 0.5]),
)


def histories(count: int) -> settings:
    """So many, the same ones each time, or as many new ones as ``REPLAY_EXAMPLES`` says."""
    asked = int(os.environ.get("REPLAY_EXAMPLES", "0"))
    return settings(
        max_examples=asked or count,
        derandomize=not asked,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


def small(seed: int = 1, quirks: EventQuirks | None = None) -> Simulator:
    """An account of six customers and some months."""
    events = quirks or EventQuirks()
    return Simulator(SimulatorConfig(seed=seed, customers=6, years=0.3, fixtures=1, events=events))


@dataclass
class Player:
    """Lets steps happen in an account that is being served."""

    sim: Simulator
    _number: int = 0

    def play(self, step: Step) -> None:
        """One step; a sync is the client's own affair."""
        kind = step[0]
        if kind == "advance":
            self.sim.advance(step[1])
        elif kind == "mutate":
            self.sim.mutate(step[1])
        elif kind == "write":
            self._write(*WRITES[step[1]][step[2]], which=step[3])

    def _write(self, request: str, params: dict[str, Any], which: int) -> None:
        """A write by the SDK; Stripe may refuse it, but not fail at it."""
        self._number += 1
        client = sdk(self.sim)
        filled = self._filled(client, [request, params], which)
        if filled is None:
            return
        (method, path), given = filled[0].split(" "), filled[1]
        with suppress(stripe.InvalidRequestError, stripe.CardError):
            client.raw_request(method.lower(), f"/v1/{path}", **given)

    def _filled(self, client: stripe.StripeClient, value: Any, which: int) -> Any:
        """The request with its placeholders filled in; None where there is no such object."""
        if isinstance(value, dict):
            inside = self._filled(client, list(value.values()), which)
            return None if inside is None else dict(zip(value, inside, strict=True))
        if isinstance(value, list):
            made = [self._filled(client, item, which) for item in value]
            return None if None in made else made
        named = re.search(r"{(\w+)}", value) if isinstance(value, str) else None
        if named is None:
            return value
        name = named[1]
        found = str(self._number) if name == "n" else self._existing(client, name, which)
        return found and value.replace(named[0], found)

    def _existing(self, client: stripe.StripeClient, name: str, which: int) -> str | None:
        """The id of one of the ten newest objects."""
        rows = client.raw_request("get", f"/v1/{WHERE[name]}").data["data"]
        if name in ("item", "sold"):
            rows = [item for row in rows for item in row["items"]["data"]]
        if name == "sold":
            rows = [item["price"] for item in rows]
        return rows[which % len(rows)]["id"] if rows else None
