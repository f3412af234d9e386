-- Subscriptions, as they are now, ended ones too.
--
-- grain: a subscription
-- key: subscription_id

SELECT
    s._account_id AS account_id,
    s.id AS subscription_id,
    s.customer AS customer_id,
    s.latest_invoice AS latest_invoice_id,
    s.schedule AS subscription_schedule_id,
    s.default_payment_method AS default_payment_method_id,
    s.status,
    s.currency,
    s.collection_method,
    s.days_until_due,
    s.description,
    s.created AS created_at,
    s.start_date AS start_at, -- When it began, which for one moved from elsewhere is before its creation
    s.billing_cycle_anchor AS billing_cycle_anchor_at,
    s.trial_start AS trial_start_at,
    s.trial_end AS trial_end_at,
    s.trial_settings__end_behavior__missing_payment_method AS trial_missing_payment_method, -- What happens when a trial ends without a payment method
    s.cancel_at_period_end,
    s.cancel_at, -- When it is set to end
    s.canceled_at, -- When it was canceled, or when the cancellation at period end was asked for
    s.ended_at, -- When it ended
    s.cancellation_details__reason AS cancellation_reason,
    s.cancellation_details__feedback AS cancellation_feedback,
    s.cancellation_details__comment AS cancellation_comment,
    s.pause_collection__behavior AS pause_collection_behavior, -- What happens to invoices while collection is paused; null if it is not
    s.pause_collection__resumes_at AS pause_collection_resumes_at,
    s.metadata,
    s.livemode,
    s.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    s.deleted_at
FROM raw.subscriptions AS s
WHERE $include_deleted OR NOT s.is_deleted
