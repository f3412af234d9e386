"""The account's balance and what moves it."""

from stripe_source.catalog.resource import Child, Resource, types

BALANCE = (
    Resource(
        "balance_transactions",
        "/v1/balance_transactions",
        "balance_transaction",
        relist=30,
    ),
    Resource(
        "payouts",
        "/v1/payouts",
        "payout",
        children=(
            Child(
                "payout_balance_transactions",
                "balance_transactions",
                "balance_transaction",
                "payout_id",
                listed_by="/v1/balance_transactions?payout={id}",
                only_if="automatic",  # of the others Stripe does not say what they hold
            ),
        ),
        events=types("payout", "canceled created failed paid reconciliation_completed updated"),
    ),
    Resource(
        "topups",
        "/v1/topups",
        "topup",
        events=types("topup", "canceled created failed reversed succeeded"),
    ),
    Resource(
        "transfers",
        "/v1/transfers",
        "transfer",
        children=(Child("transfer_reversals", "reversals", "transfer_reversal", "transfer_id"),),
        events=types("transfer", "created reversed updated"),
    ),
    Resource(
        "exchange_rates",
        "/v1/exchange_rates",
        "exchange_rate",
        cursor=None,
        relist="whole",
    ),
)
