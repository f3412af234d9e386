"""What a server answers to the official SDK, step by step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
import stripe

KEY = "sk_test_simulator0001"


@dataclass(frozen=True)
class Answer:
    """One step's answer; ``body`` is empty where it was no JSON object."""

    step: str
    status: int
    body: dict[str, Any]

    @property
    def compared(self) -> dict[str, Any]:
        """The body; of an error what programs read of it: type, code and parameter."""
        if self.status < 400:
            return self.body
        error = self.body.get("error", {})
        return {"error": {k: error[k] for k in ("type", "code", "param") if error.get(k)}}

    def id(self, *path: str | int) -> str:
        """The id of the object, or of one inside it; a text that is no id where it is missing."""
        value: Any = self.body
        try:
            for name in path:
                value = value[name]
            return str(value["id"] if isinstance(value, dict) else value)
        except (KeyError, IndexError, TypeError):
            return "none_such"


class Recorder(stripe.RequestsClient):
    """The SDK's own HTTP client, which keeps the last answer."""

    last: tuple[int, dict[str, Any]]

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """As the SDK's, and remember."""
        answer = super().request(*args, **kwargs)
        try:
            body = orjson.loads(answer[0])
        except orjson.JSONDecodeError:
            body = {}
        self.last = (answer[1], body)
        return answer


class Script:
    """A client of one server and the answers so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.recorder = Recorder()
        self.v1 = self.client(KEY)
        self.answers: dict[str, Answer] = {}

    def client(self, key: str) -> Any:
        """The SDK with a key; it repeats nothing."""
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            http_client=self.recorder,
            max_network_retries=0,
        ).v1

    def __call__(self, step: str, call: Callable[..., Any], *args: Any) -> Answer:
        """Do one step, whatever comes of it."""
        assert step not in self.answers, f"two steps are named {step!r}"
        self.recorder.last = (0, {})
        with suppress(stripe.StripeError):
            call(*args)
        self.answers[step] = Answer(step, *self.recorder.last)
        return self.answers[step]
