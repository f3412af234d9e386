"""Constants that more than one room needs."""

VERSION = "0.1.0"
API_VERSION = (
    "2026-10-28.endive"  # of the SDK that `schema/objects` is generated from; a test checks
)
API_BASE = "https://api.stripe.com"
PAGE_SIZE = 100  # Stripe's most
STRIPE_EPOCH = 1262304000  # 2010-01-01: no Stripe object is older
