"""What else moved: checkout's shipping and the filter of a billing alert."""

from __future__ import annotations

from stripe_source.simulator.types import Json
from stripe_source.simulator.versions.lookup import Lookup, inner


def checkout_session(obj: Json, _: Lookup) -> Json:
    """``shipping_details``, with three fields that are null since."""
    collected = inner(obj, "collected_information", "shipping_details")
    none = {"carrier": None, "phone": None, "tracking_number": None}
    return {"shipping_details": collected and collected | none}


def billing_alert(obj: Json, _: Lookup) -> Json:
    """``usage_threshold_config`` and ``filter``, of which there was one."""
    threshold = obj.get("usage_threshold") or {}
    filters = threshold.get("filters") or ()
    return {
        "filter": {"customer": filters[0].get("customer")} if filters else None,
        "usage_threshold_config": {k: v for k, v in threshold.items() if k != "filters"} or None,
    }


CHANGES = {"checkout.session": checkout_session, "billing.alert": billing_alert}
