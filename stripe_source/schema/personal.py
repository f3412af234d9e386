"""Which columns may hold something personal: all that are not known to hold nothing.

A text whose values Stripe lists holds nothing, and neither do ids, times and most numbers; of other
texts and of JSON only what is named here. So a new field of Stripe's is taken for personal until
somebody has looked at it.
"""

import re
from functools import cache

from stripe_source.schema import load_schema

TEXTS = re.compile(
    r"""(^|__)(
    id|object|status|type|reason|failure_reason|usage|provider|interval
    |api_version|currency|\w+_currency|parent|meter|quote|charge|product|payment_method|trial_offer|template
    |default_mandate|network_status|seller_message|network_\w+_code|failure_code|reporting_category
    |checkout_session|customer_account|invoice|invoice_item|invoice_line_item
    |subscription|subscription_item|released_subscription|risk_level|amount_tax_display|action
    |fraud_type|pause_collection|invoice_prefix|account_country|account_name
    )$""",
    re.VERBOSE,
)
"""Texts of bookkeeping: what Stripe calls things, and ids that it does not expand."""
JSON = re.compile(
    r"""(^|__)(
    \w*discounts|\w*discount_amounts|\w*taxes|\w*tax_rates|\w*pretax_credit_amounts|fee_details
    |balance_transactions|refunds|\w*payment_method_types|available|invoice_credit_balance
    |credited_items|item_reasons|tiers|currency_options|prices|billing_thresholds
    )$""",
    re.VERBOSE,
)
"""Lists of amounts, rates, ids and names of Stripe's."""
NUMBERS = re.compile(r"(^|__)(dob__\w+|exp_month|exp_year)$")
"""Numbers that tell of a person: a date of birth, a card's end."""
OF_OTHERS = re.compile(r"^(price|plan)__|^number$")
"""What an object shows of a price, which is the account's own, and an invoice's number."""


@cache
def personal(name: str) -> frozenset[str]:
    """The columns of an object that may hold something personal."""
    schema = load_schema(name)
    found = set()
    for column, (kind, _) in schema.columns.items():
        known = {"text": TEXTS, "json": JSON}.get(kind)
        if NUMBERS.search(column):
            found.add(column)
        if known is None or column in schema.choices or OF_OTHERS.search(column):
            continue
        if not known.search(column):
            found.add(column)
    return frozenset(found)
