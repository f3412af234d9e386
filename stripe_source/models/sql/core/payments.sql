-- Payments of invoices: an invoice may have several, in parts, open, paid or canceled.
--
-- What was marked as paid out of band without a payment record has no row here; it is in the
-- invoice's amount_paid_off_stripe.
--
-- grain: a payment of an invoice
-- key: payment_id
-- one of: status: open, paid, canceled
-- one of: payment_kind: payment_intent, charge, out_of_band
-- optional: payment_intents, charges

WITH intents_charges AS (
    SELECT
        c._account_id,
        c.payment_intent,
        c.id,
        ROW_NUMBER() OVER (
            PARTITION BY c._account_id, c.payment_intent
            ORDER BY CASE WHEN c.status = 'succeeded' THEN 0 ELSE 1 END, c.created DESC, c.id DESC
        ) AS place
    FROM raw.charges AS c
    WHERE c.payment_intent IS NOT NULL AND NOT c.is_deleted
)

SELECT
    p._account_id AS account_id,
    p.id AS payment_id,
    p.invoice AS invoice_id,
    i.customer AS customer_id, -- The invoice's customer
    p.payment__payment_intent AS payment_intent_id,
    COALESCE(p.payment__charge, pi.latest_charge, c.id) AS charge_id, -- The charge, else the payment intent's latest
    p.payment__payment_record AS payment_record_id,
    CASE
        WHEN p.payment__payment_intent IS NOT NULL THEN 'payment_intent'
        WHEN p.payment__charge IS NOT NULL THEN 'charge'
        ELSE 'out_of_band'
    END AS payment_kind, -- What it was made with: payment_intent, charge, or out_of_band
    p.status AS status, -- open, paid or canceled
    p.is_default, -- Whether it is the one that Stripe makes for an invoice
    p.currency AS currency,
    major(p.amount_requested, p.currency) AS amount_requested, -- What is to be paid by it, in the currency's own unit
    p.amount_requested AS amount_requested_minor,
    major(COALESCE(p.amount_paid, 0), p.currency) AS amount_paid, -- 0 while it is not paid
    COALESCE(p.amount_paid, 0) AS amount_paid_minor, -- 0 while it is not paid
    p.created AS created_at,
    p.status_transitions__paid_at AS paid_at,
    p.status_transitions__canceled_at AS canceled_at,
    p.livemode AS livemode,
    p.is_deleted AS is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    p.deleted_at AS deleted_at
FROM raw.invoice_payments AS p
LEFT JOIN raw.invoices AS i
    ON i._account_id = p._account_id
    AND i.id = p.invoice
LEFT JOIN raw.payment_intents AS pi
    ON pi._account_id = p._account_id
    AND pi.id = p.payment__payment_intent
LEFT JOIN intents_charges AS c
    ON c._account_id = p._account_id
    AND c.payment_intent = p.payment__payment_intent
    AND c.place = 1
WHERE $include_deleted OR NOT p.is_deleted
