"""What belongs to a customer in Stripe: more than was ever loaded, maybe."""

import logging
from collections.abc import Iterator

from stripe_source.actions.outcome import Json
from stripe_source.api.client import Client, Query
from stripe_source.errors import NotEnabled, NotFound, PermissionDenied
from stripe_source.settings import PAGE_SIZE

log = logging.getLogger("stripe_source")

CARD = "payment_method"
CHARGES = "/v1/charges"
LISTS = (
    CHARGES,
    *("/v1/payment_intents", "/v1/setup_intents", "/v1/payment_methods", "/v1/checkout/sessions"),
    *("/v1/invoices", "/v1/invoiceitems", "/v1/credit_notes", "/v1/quotes"),
    *("/v1/subscriptions", "/v1/subscription_schedules", "/v1/promotion_codes"),
)
"""What Stripe lists by customer."""
ALWAYS = {"/v1/subscriptions": [("status", "all")]}
OF_CHARGES = {"disputes": "disputed", "refunds": "amount_refunded"}
"""What Stripe lists by charge, and the charge's field that tells whether there are any."""


def in_stripe(client: Client, customer: str) -> Iterator[str]:
    """The ids of what belongs to a customer in Stripe; what the key may not read is left out."""
    for path in LISTS:
        for row in _listed(client, path, [("customer", customer), *ALWAYS.get(path, ())]):
            yield str(row["id"])
            if isinstance(row.get(CARD), str):
                yield row[CARD]  # it may have been detached, and then names no customer
            if path == CHARGES:
                for name, told in OF_CHARGES.items():
                    if row.get(told):
                        found = _listed(client, f"/v1/{name}", [("charge", str(row["id"]))])
                        yield from (str(each["id"]) for each in found)


def _listed(client: Client, path: str, query: Query) -> Iterator[Json]:
    after: Query = []
    while True:
        try:
            page = client.get_json(path, [*query, ("limit", str(PAGE_SIZE)), *after])
        except (NotEnabled, NotFound, PermissionDenied) as refused:
            log.info("not looked for in %s: %s", path, refused)
            return
        rows = page.get("data") or []
        yield from rows
        if not page.get("has_more") or not rows:
            return
        after = [("starting_after", str(rows[-1]["id"]))]
