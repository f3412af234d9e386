"""Financial Connections, Treasury and Climate."""

from stripe_source.catalog.resource import Resource, types

FINANCIAL = (
    Resource(
        "financial_connections_accounts",
        "/v1/financial_connections/accounts",
        "financial_connections.account",
        cursor=None,
        events=types(
            "financial_connections.account",
            "account_numbers_updated created deactivated disconnected "
            "expected_deactivation_date_updated reactivated refreshed_balance "
            "refreshed_ownership refreshed_transactions supported_payment_method_types_updated "
            "upcoming_account_number_expiry upcoming_deactivation",
        ),
        relist="whole",
    ),
    Resource(
        "treasury_financial_accounts",
        "/v1/treasury/financial_accounts",
        "treasury.financial_account",
        events=types("treasury.financial_account", "closed created features_status_updated"),
        relist="whole",
    ),
    Resource(
        "climate_orders",
        "/v1/climate/orders",
        "climate.order",
        cursor=None,
        events=types("climate.order", "canceled created delayed delivered product_substituted"),
        relist="whole",
    ),
    Resource(
        "climate_products",
        "/v1/climate/products",
        "climate.product",
        cursor=None,
        events=types("climate.product", "created pricing_updated"),
        relist="whole",
    ),
    Resource(
        "climate_suppliers",
        "/v1/climate/suppliers",
        "climate.supplier",
        cursor=None,
        relist="whole",
    ),
)
