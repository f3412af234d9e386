"""Customers and how they pay."""

from stripe_source.catalog.discounts import discounts
from stripe_source.catalog.resource import Child, Resource, types

PAYMENTS = (
    Resource(
        "customers",
        "/v1/customers",
        "customer",
        expand=("sources", "tax_ids"),
        children=(
            Child(
                "customer_sources",
                "sources",
                "payment_source",
                "customer_id",
                events=types("customer.source", "created deleted expiring updated"),
            ),
            Child(
                "customer_tax_ids",
                "tax_ids",
                "tax_id",
                "customer_id",
                events=types("customer.tax_id", "created deleted updated"),
            ),
        ),
        embedded=(discounts("discount", history=True),),
        events=types("customer", "created deleted updated"),
        deleted_by=("customer.deleted",),
        history=True,
        on_clocks="test_clock",
    ),
    Resource(
        "charges",
        "/v1/charges",
        "charge",
        events=types("charge", "captured expired failed pending refunded succeeded updated"),
    ),
    Resource(
        "disputes",
        "/v1/disputes",
        "dispute",
        events=types("charge.dispute", "closed created funds_reinstated funds_withdrawn updated"),
    ),
    Resource(
        "payment_intents",
        "/v1/payment_intents",
        "payment_intent",
        children=(
            Child(
                "payment_intent_line_items",
                "amount_details__line_items",
                "payment_intent_amount_details_line_item",
                "payment_intent_id",
            ),
        ),
        events=types(
            "payment_intent",
            "amount_capturable_updated canceled created partially_funded payment_failed "
            "processing requires_action succeeded",
        ),
        relist=30,
    ),
    Resource(
        "payment_methods",
        "/v1/payment_methods",
        "payment_method",
        cursor=None,
        events=types("payment_method", "attached automatically_updated detached updated"),
        relist="whole",
    ),
    Resource(
        "payment_method_configurations",
        "/v1/payment_method_configurations",
        "payment_method_configuration",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "payment_method_domains",
        "/v1/payment_method_domains",
        "payment_method_domain",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "payment_records",
        "/v1/payment_records",
        "payment_record",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "refunds",
        "/v1/refunds",
        "refund",
        events=types("refund", "created failed updated"),
    ),
    Resource(
        "setup_intents",
        "/v1/setup_intents",
        "setup_intent",
        events=types("setup_intent", "canceled created requires_action setup_failed succeeded"),
        relist=30,
    ),
    Resource(
        "checkout_sessions",
        "/v1/checkout/sessions",
        "checkout.session",
        expand=("line_items",),
        children=(
            Child("checkout_session_line_items", "line_items", "item", "checkout_session_id"),
        ),
        events=types(
            "checkout.session", "async_payment_failed async_payment_succeeded completed expired"
        ),
        relist=7,
    ),
    Resource(
        "payment_links",
        "/v1/payment_links",
        "payment_link",
        cursor=None,
        expand=("line_items",),
        children=(Child("payment_link_line_items", "line_items", "item", "payment_link_id"),),
        events=types("payment_link", "created updated"),
        relist="whole",
    ),
    Resource(
        "apple_pay_domains",
        "/v1/apple_pay/domains",
        "apple_pay_domain",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "forwarding_requests",
        "/v1/forwarding/requests",
        "forwarding.request",
        relist="new",
    ),
)
