"""Billing: subscriptions, invoices and what they are made of."""

from stripe_source.catalog.discounts import discounts
from stripe_source.catalog.resource import Child, Resource, types

BILLING = (
    Resource(
        "coupons",
        "/v1/coupons",
        "coupon",
        expand=("applies_to", "currency_options"),
        events=types("coupon", "created deleted updated"),
        deleted_by=("coupon.deleted",),
        reuses_ids=True,
    ),
    Resource(
        "credit_notes",
        "/v1/credit_notes",
        "credit_note",
        children=(
            Child("credit_note_line_items", "lines", "credit_note_line_item", "credit_note_id"),
        ),
        events=types("credit_note", "created updated voided"),
    ),
    Resource(
        "invoices",
        "/v1/invoices",
        "invoice",
        expand=("discounts", "lines.data.discounts"),
        children=(Child("invoice_line_items", "lines", "line_item", "invoice_id"),),
        embedded=(discounts("discounts", "lines.discounts"),),
        events=types(
            "invoice",
            "created deleted finalization_failed finalized marked_uncollectible overdue "
            "overpaid paid payment_action_required payment_attempt_required payment_failed "
            "payment_succeeded sent upcoming updated voided will_be_due",
        ),
        deleted_by=("invoice.deleted",),
        on_clocks="customer",
    ),
    Resource(
        "invoice_items",
        "/v1/invoiceitems",
        "invoiceitem",
        created_field="date",
        events=types("invoiceitem", "created deleted"),
        deleted_by=("invoiceitem.deleted",),
        relist=30,
        on_clocks="customer",
    ),
    Resource(
        "invoice_payments",
        "/v1/invoice_payments",
        "invoice_payment",
        events=types("invoice_payment", "paid"),
        relist=30,
    ),
    Resource(
        "invoice_rendering_templates",
        "/v1/invoice_rendering_templates",
        "invoice_rendering_template",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "plans",
        "/v1/plans",
        "plan",
        expand=("tiers",),
        events=types("plan", "created deleted updated"),
        deleted_by=("plan.deleted",),
        reuses_ids=True,
    ),
    Resource(
        "promotion_codes",
        "/v1/promotion_codes",
        "promotion_code",
        events=types("promotion_code", "created updated"),
    ),
    Resource(
        "quotes",
        "/v1/quotes",
        "quote",
        cursor=None,
        expand=("line_items", "computed.upfront.line_items"),
        children=(
            Child("quote_line_items", "line_items", "item", "quote_id"),
            Child(
                "quote_computed_upfront_line_items",
                "computed__upfront__line_items",
                "item",
                "quote_id",
            ),
        ),
        events=types("quote", "accepted canceled created finalized"),
        relist="whole",
        on_clocks="test_clock",
    ),
    Resource(
        "subscriptions",
        "/v1/subscriptions",
        "subscription",
        params={"status": "all"},
        expand=("discounts", "items.data.discounts"),
        children=(
            Child(
                "subscription_items", "items", "subscription_item", "subscription_id", history=True
            ),
        ),
        embedded=(discounts("discounts", "items.discounts", history=True),),
        events=types(
            "customer.subscription",
            "created deleted paused pending_update_applied pending_update_expired resumed "
            "trial_will_end updated",
        ),
        history=True,
        on_clocks="test_clock",
    ),
    Resource(
        "subscription_schedules",
        "/v1/subscription_schedules",
        "subscription_schedule",
        events=types(
            "subscription_schedule", "aborted canceled completed created expiring released updated"
        ),
        on_clocks="customer",
    ),
    Resource(
        "tax_ids",
        "/v1/tax_ids",
        "tax_id",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "test_helpers_test_clocks",
        "/v1/test_helpers/test_clocks",
        "test_helpers.test_clock",
        cursor=None,
        events=types("test_helpers.test_clock", "advancing created deleted internal_failure ready"),
        deleted_by=("test_helpers.test_clock.deleted",),
        relist="whole",
    ),
    Resource(
        "billing_alerts",
        "/v1/billing/alerts",
        "billing.alert",
        cursor=None,
        events=types("billing.alert", "triggered"),
        relist="whole",
    ),
    Resource(
        "billing_credit_balance_transactions",
        "/v1/billing/credit_balance_transactions",
        "billing.credit_balance_transaction",
        cursor=None,
        events=types("billing.credit_balance_transaction", "created"),
        relist="whole",
    ),
    Resource(
        "billing_credit_grants",
        "/v1/billing/credit_grants",
        "billing.credit_grant",
        cursor=None,
        events=types("billing.credit_grant", "created updated"),
        relist="whole",
    ),
    Resource(
        "billing_feedback_options",
        "/v1/billing/feedback_options",
        "billing.feedback_option",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "billing_meters",
        "/v1/billing/meters",
        "billing.meter",
        cursor=None,
        events=types("billing.meter", "created deactivated reactivated updated"),
        relist="whole",
    ),
    Resource(
        "billing_portal_configurations",
        "/v1/billing_portal/configurations",
        "billing_portal.configuration",
        cursor=None,
        events=types("billing_portal.configuration", "created updated"),
        relist="whole",
    ),
    Resource(
        "entitlements_features",
        "/v1/entitlements/features",
        "entitlements.feature",
        cursor=None,
        relist="whole",
    ),
)
