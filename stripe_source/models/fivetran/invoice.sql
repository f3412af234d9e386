-- Invoices; drafts that were deleted have is_deleted.
--
-- Its charge and payment intent are those of a payment that is paid, else of one that is open; of
-- several the default one, else the last.
--
-- grain: an invoice
-- key: id
-- optional: invoice_payments, payment_intents

WITH payments AS (
    SELECT
        p._account_id,
        p.invoice,
        p.payment__charge,
        p.payment__payment_intent,
        ROW_NUMBER() OVER (
            PARTITION BY p._account_id, p.invoice
            ORDER BY
                CASE p.status WHEN 'paid' THEN 0 WHEN 'open' THEN 1 ELSE 2 END,
                CASE WHEN p.is_default THEN 0 ELSE 1 END,
                p.created DESC,
                p.id DESC
        ) AS place
    FROM raw.invoice_payments AS p
    WHERE
        NOT p.is_deleted
        AND COALESCE(p.payment__charge, p.payment__payment_intent) IS NOT NULL
),

tax_items AS (
    SELECT
        i._account_id,
        i.id,
        json_items(i.total_taxes) AS item
    FROM raw.invoices AS i
),

taxes AS (
    SELECT
        t._account_id,
        t.id,
        CAST(SUM(CAST(json_text(t.item, 'amount') AS BIGINT)) AS BIGINT) AS tax
    FROM tax_items AS t
    GROUP BY
        t._account_id,
        t.id
)

SELECT
    i.id,
    i.amount_due,
    i.amount_paid,
    i.amount_remaining,
    i.attempt_count,
    COALESCE(p.payment__charge, n.latest_charge) AS charge_id, -- Of the payment: its charge, or the last one of its payment intent
    utc(i.created) AS created,
    i.currency,
    i.customer AS customer_id,
    i.description,
    utc(i.due_date) AS due_date,
    i.number,
    utc(i.period_end) AS period_end,
    utc(i.period_start) AS period_start,
    i.status,
    i.parent__subscription_details__subscription AS subscription_id,
    i.subtotal,
    t.tax AS tax, -- The sum of its taxes; null where there are none
    i.total,
    i.is_deleted,
    i.livemode,
    i.auto_advance,
    i.billing_reason,
    i.default_payment_method AS default_payment_method_id,
    CAST(i.metadata AS TEXT) AS metadata,
    i.status = 'paid' AS paid,
    p.payment__payment_intent AS payment_intent_id,
    i.post_payment_credit_notes_amount,
    i.pre_payment_credit_notes_amount,
    i.receipt_number,
    utc(i.status_transitions__finalized_at) AS status_transitions_finalized_at,
    utc(i.status_transitions__marked_uncollectible_at) AS status_transitions_marked_uncollectible_at,
    utc(i.status_transitions__paid_at) AS status_transitions_paid_at,
    utc(i.status_transitions__voided_at) AS status_transitions_voided_at,
    utc(COALESCE(y.inserted_at, i._updated_at)) AS _fivetran_synced, -- When it was loaded
    n.application_fee_amount AS application_fee_amount,
    i.attempted,
    i.collection_method AS billing,
    utc(i.created) AS "date",
    i.default_source AS default_source_id,
    i.ending_balance,
    utc(i.status_transitions__finalized_at) AS finalized_at,
    i.footer,
    i.hosted_invoice_url,
    i.invoice_pdf,
    utc(i.next_payment_attempt) AS next_payment_attempt,
    i.starting_balance,
    i.statement_descriptor,
    CAST(EPOCH(i.parent__subscription_details__subscription_proration_date) AS BIGINT) AS subscription_proration_date, -- In Unix seconds
    CAST(NULL AS DECIMAL(28, 6)) AS tax_percent, -- Removed long ago; default_tax_rates[].percentage is the nearest
    i.threshold_reason__amount_gte AS threshold_reason_amount_gte,
    utc(i.webhooks_delivered_at) AS webhooks_delivered_at
FROM raw.invoices AS i
LEFT JOIN payments AS p
    ON p._account_id = i._account_id
    AND p.invoice = i.id
    AND p.place = 1
LEFT JOIN raw.payment_intents AS n
    ON n._account_id = i._account_id
    AND n.id = p.payment__payment_intent
LEFT JOIN taxes AS t
    ON t._account_id = i._account_id
    AND t.id = i.id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = i._dlt_load_id
