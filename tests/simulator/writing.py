"""What the tests of writes share: a client that checks every answer, and what events were left."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import stripe

from stripe_source.simulator import Simulator
from stripe_source.simulator.shapes import all_shapes

from .test_shapes import faults_in_fields


class Checking(stripe.RequestsClient):
    """Holds the object in every answer to the SDK's declared fields and types."""

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """As the SDK's own client, and a check."""
        answer = super().request(*args, **kwargs)
        body = orjson.loads(answer[0])
        if "error" not in body:
            check(body)
        return answer


def check(body: dict[str, Any]) -> None:
    """Fail where a field is missing, of another type, or not declared."""
    name, shapes = body["object"], all_shapes()
    if name == "list":
        for row in body["data"]:
            check(row)
    elif not body.get("deleted") and name in shapes:
        found = list(faults_in_fields(body, shapes[name], name, shapes))
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
