"""The official SDK over our own connections: its parameters, our limits, retries and errors.

By itself the SDK retries nothing, and never a 429.
"""

from collections.abc import Mapping
from typing import Any

import stripe

from stripe_source.api.client import Client
from stripe_source.settings import API_VERSION


class Transport(stripe.HTTPClient):
    """Sends what the SDK asks for. What Stripe refuses is raised as one of ``errors``' classes."""

    name = "stripe-source"

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Body, status and headers of a good answer."""
        answer = self._client.send(method.upper(), url, headers or {}, post_data)
        return answer.body.decode(), answer.status, answer.headers

    def close(self) -> None:
        """The connections are the client's."""


def sdk(client: Client) -> stripe.StripeClient:
    """Stripe's own client, at the pinned API version, for the account of ours."""
    return stripe.StripeClient(
        client.connection.key.secret,
        stripe_account=client.connection.stripe_account,
        stripe_version=API_VERSION,
        base_addresses={"api": client.api_base},
        http_client=Transport(client),
    )
