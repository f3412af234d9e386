"""Fraud signals and identity checks."""

from stripe_source.catalog.resource import Child, Resource, types

FRAUD = (
    Resource(
        "radar_early_fraud_warnings",
        "/v1/radar/early_fraud_warnings",
        "radar.early_fraud_warning",
        events=types("radar.early_fraud_warning", "created updated"),
    ),
    Resource(
        "radar_value_lists",
        "/v1/radar/value_lists",
        "radar.value_list",
        children=(
            Child(
                "radar_value_list_items",
                "list_items",
                "radar.value_list_item",
                "radar_value_list_id",
            ),
        ),
        relist="whole",
    ),
    Resource(
        "reviews",
        "/v1/reviews",
        "review",
        events=types("review", "closed opened"),
    ),
    Resource(
        "identity_verification_reports",
        "/v1/identity/verification_reports",
        "identity.verification_report",
        relist="new",
    ),
    Resource(
        "identity_verification_sessions",
        "/v1/identity/verification_sessions",
        "identity.verification_session",
        events=types(
            "identity.verification_session",
            "canceled created processing redacted requires_input verified",
        ),
    ),
    Resource(
        "three_d_secure_authentications",
        "/v1/three_d_secure/authentications",
        "three_d_secure.authentication",
        events=types(
            "three_d_secure.authentication",
            "canceled challenge_started errored failed requires_challenge requires_submission "
            "succeeded",
        ),
        relist="new",
    ),
)
