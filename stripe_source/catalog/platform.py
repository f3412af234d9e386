"""Accounts, apps, events, files and webhooks."""

from stripe_source.catalog.resource import Child, Resource, types

PLATFORM = (
    Resource(
        "account",
        "/v1/account",
        "account",
        single=True,
        cursor=None,
        relist="whole",
    ),
    Resource(
        "accounts",
        "/v1/accounts",
        "account",
        children=(
            Child(
                "account_external_accounts",
                "external_accounts",
                "external_account",
                "account_id",
                events=types("account.external_account", "created deleted updated"),
            ),
        ),
        events=types("account", "updated"),
        relist="new",
    ),
    Resource(
        "application_fees",
        "/v1/application_fees",
        "application_fee",
        children=(
            Child(
                "application_fee_refunds",
                "refunds",
                "fee_refund",
                "application_fee_id",
                events=types("application_fee.refund", "updated"),
                owner="fee",
            ),
        ),
        events=types("application_fee", "created refunded"),
    ),
    Resource(
        "apps_installs",
        "/v1/apps/installs",
        "apps.install",
        events=types("apps.install", "created deleted updated"),
    ),
    Resource(
        "country_specs",
        "/v1/country_specs",
        "country_spec",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "events",
        "/v1/events",
        "event",
        relist="new",
        kept_days=30,  # https://docs.stripe.com/api/events
    ),
    Resource(
        "files",
        "/v1/files",
        "file",
        relist="new",
    ),
    Resource(
        "file_links",
        "/v1/file_links",
        "file_link",
        relist="whole",
    ),
    Resource(
        "webhook_endpoints",
        "/v1/webhook_endpoints",
        "webhook_endpoint",
        cursor=None,
        relist="whole",
    ),
)
