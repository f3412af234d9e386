"""Test clocks: what lives on one is only listed where it, or its customer, is named.

Source: https://docs.stripe.com/billing/testing/test-clocks
"""

import threading
from collections.abc import Sequence
from dataclasses import replace

from stripe_source.api.client import Client
from stripe_source.catalog import CATALOG, Resource
from stripe_source.errors import PermissionDenied
from stripe_source.extract.reader import ListReader
from stripe_source.extract.spans import CLOCKS, Span

TEST_CLOCKS = CATALOG["test_helpers_test_clocks"]
CUSTOMERS = replace(CATALOG["customers"], expand=(), children=())  # only their ids are wanted


class Clocks:
    """The account's test clocks and the customers on them, read when they are first needed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._clocks: list[str] | None = None
        self._customers: list[str] | None = None

    def owners(self, resource: Resource) -> list[str]:
        """The ids by which what is on test clocks is asked for: of clocks or of customers.

        Raises PermissionDenied where the key may not list them, and what else the client raises.
        """
        if resource.on_clocks is None or self._client.connection.key.livemode:
            return []
        try:
            with self._lock:
                return self._all_customers() if resource.on_clocks == "customer" else self._all()
        except PermissionDenied as denied:
            raise PermissionDenied(
                f"objects on test clocks are wanted, and the key may not find them: {denied}"
            ) from denied

    def spans(self, resource: Resource, spans: Sequence[Span]) -> list[Span]:
        """The spans, with one for each clock or customer in place of one of all test clocks."""
        found = []
        for span in spans:
            if span.of == CLOCKS:
                names = (f"{resource.on_clocks}={owner}" for owner in self.owners(resource))
                found += [replace(span, of=name) for name in names]
            else:
                found.append(span)
        return found

    # Not cached properties: until Python 3.12 these lock the property of all accounts at once.

    def _all(self) -> list[str]:
        if self._clocks is None:
            self._clocks = self._ids(TEST_CLOCKS, [Span(None)])
        return self._clocks

    def _all_customers(self) -> list[str]:
        if self._customers is None:
            spans = [Span(0, of=f"test_clock={clock}") for clock in self._all()]
            self._customers = self._ids(CUSTOMERS, spans)
        return self._customers

    def _ids(self, resource: Resource, spans: Sequence[Span]) -> list[str]:
        reads = ListReader(self._client, resource, spans).pages()
        return sorted({identifier for read in reads for identifier, _ in read.page.keys})
