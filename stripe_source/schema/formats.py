"""Which integers are times and which strings are decimals: what the SDK's annotations leave out.

Sources: ``format: unix-time`` and ``format: decimal`` in Stripe's OpenAPI document of 2024-06-20;
for fields newer than that, the SDK's own descriptions, read one by one (``NEWER_TIMES``).
"""

TIMES = frozenset(
    """
    accepted_at active_from arrival_date as_of available_on billing_cycle_anchor cancel_at
    canceled_at capture_before charge_attempt_at completed_at completes_at confirmed_at created
    current_deadline current_period_end current_period_start data_available_end
    data_available_start data_load_time date deactivated_at deadline delayed_at deletes_after
    delivered_at due_by due_date effective_at effective_date email_sent_at end end_date end_time
    ended_at eta expected_arrival_date expected_at expires expires_after expires_at failed_at
    finalized_at frozen_time interval_end interval_start last_attempted_at
    marked_uncollectible_at network_updated_at next_payment_attempt
    next_pending_invoice_item_invoice next_refresh_available_at paid_at period_end period_start
    posted_at product_substituted_at received_at redeem_by refreshed_at released_at requested_at
    result_available_until resumes_at returned_at start start_date start_time stored_at
    succeeded_at target_frozen_time tax_date timestamp transacted_at trial_end trial_start
    updated void_at voided_at webhooks_delivered_at
    """.split()
)

# Not in that document; each one's description says that it is a time.
NEWER_TIMES = frozenset(
    """
    automatically_finalizes_at billed_until check_in_at computed_timestamp created_at departure_at
    disabled_at evaluated_at expected_availability_date expected_deactivation_date
    expected_expiry_date expires_on occurred_at pause_at release_after resume_at scheduled_release
    shipped_at started_at subscription_proration_date transitioned_at updated_at
    """.split()
)

# "Timestamp is measured in milliseconds since the Unix epoch" (terminal.reader).
MILLISECOND_TIMES = frozenset({"last_seen_at"})

# Strings of up to 12 decimals. The SDK annotates most of them as `Decimal`, and these as `str`.
DECIMALS = frozenset(
    """
    amount_decimal flat_amount_decimal fx_rate gross_amount_decimal local_amount_decimal
    metric_tons metric_tons_available national_amount_decimal quantity_decimal
    unit_amount_decimal unit_amount_excluding_tax unit_cost_decimal
    """.split()
)
