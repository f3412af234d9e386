"""The product catalogue and its prices."""

from stripe_source.catalog.resource import Child, Resource, types

PRODUCTS = (
    Resource(
        "products",
        "/v1/products",
        "product",
        events=types("product", "created deleted updated"),
        deleted_by=("product.deleted",),
        reuses_ids=True,
    ),
    Resource(
        "prices",
        "/v1/prices",
        "price",
        expand=("tiers", "currency_options"),
        children=(Child("price_tiers", "tiers", "price_tier", "price_id", key="_list_index"),),
        events=types("price", "created deleted updated"),
        deleted_by=("price.deleted",),
        reuses_ids=True,
        history=True,
    ),
    Resource(
        "shipping_rates",
        "/v1/shipping_rates",
        "shipping_rate",
        relist="whole",
    ),
    Resource(
        "tax_codes",
        "/v1/tax_codes",
        "tax_code",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "tax_rates",
        "/v1/tax_rates",
        "tax_rate",
        events=types("tax_rate", "created updated"),
    ),
    Resource(
        "product_catalog_trial_offers",
        "/v1/product_catalog/trial_offers",
        "product_catalog.trial_offer",
        relist="whole",
    ),
)
