"""Issuing: cards that the account gives out."""

from stripe_source.catalog.resource import Resource, types

ISSUING = (
    Resource(
        "issuing_authorizations",
        "/v1/issuing/authorizations",
        "issuing.authorization",
        events=types("issuing_authorization", "created request updated"),
    ),
    Resource(
        "issuing_cardholders",
        "/v1/issuing/cardholders",
        "issuing.cardholder",
        events=types("issuing_cardholder", "created updated"),
    ),
    Resource(
        "issuing_cards",
        "/v1/issuing/cards",
        "issuing.card",
        events=types("issuing_card", "created updated"),
    ),
    Resource(
        "issuing_disputes",
        "/v1/issuing/disputes",
        "issuing.dispute",
        events=types(
            "issuing_dispute", "closed created funds_reinstated funds_rescinded submitted updated"
        ),
    ),
    Resource(
        "issuing_personalization_designs",
        "/v1/issuing/personalization_designs",
        "issuing.personalization_design",
        cursor=None,
        events=types("issuing_personalization_design", "activated deactivated rejected updated"),
        relist="whole",
    ),
    Resource(
        "issuing_physical_bundles",
        "/v1/issuing/physical_bundles",
        "issuing.physical_bundle",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "issuing_transactions",
        "/v1/issuing/transactions",
        "issuing.transaction",
        events=types("issuing_transaction", "created purchase_details_receipt_updated updated"),
    ),
)
