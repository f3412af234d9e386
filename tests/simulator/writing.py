"""What the tests of writes share: a client that checks every answer, and what events were left."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
import stripe

from stripe_source.simulator import Simulator
from stripe_source.simulator.shapes import all_shapes

from .declared import Declared

SHAPES = all_shapes()


class Checking(stripe.RequestsClient):
    """Holds the object in every answer to the SDK's declared fields and types."""

    def request(
        self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any
    ) -> Any:
        """As the SDK's own client, and a check."""
        answer = super().request(method, url, headers, post_data, **more)
        body = orjson.loads(answer[0])
        if "error" not in body:
            check(body, Declared(SHAPES, expanded_in(post_data or url.partition("?")[2])))
        return answer


def expanded_in(query: str) -> frozenset[str]:
    """The paths that a request expands, without a list's ``data.``."""
    paths = (value for name, value in parse_qsl(query) if name.startswith("expand["))
    return frozenset(path.removeprefix("data.") for path in paths)


def check(body: dict[str, Any], declared: Declared) -> None:
    """Fail where a field is missing, of another type, or not declared."""
    listed = body["object"] in ("list", "search_result")
    for obj in body["data"] if listed else [body]:
        found = list(declared.faults(obj))
        assert not found, found


def refused(call: Any, *args: Any) -> stripe.StripeError:
    """The error that a call of the SDK gets."""
    with pytest.raises(stripe.StripeError) as caught:
        call(*args)
    return caught.value


class Writer:
    """A simulator, the SDK against it, and the events since the last look."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.v1 = stripe.StripeClient(
            sim.api_key, base_addresses={"api": sim.url}, http_client=Checking()
        ).v1
        self._seen = {e["id"] for e in sim.account.objects("/v1/events")}

    def told(self) -> list[str]:
        """The types of new events, oldest first."""
        return [event["type"] for event in self.events()]

    def events(self) -> list[dict[str, Any]]:
        """New events, oldest first."""
        new = [e for e in self.sim.account.objects("/v1/events") if e["id"] not in self._seen]
        self._seen |= {e["id"] for e in new}
        return new[::-1]
