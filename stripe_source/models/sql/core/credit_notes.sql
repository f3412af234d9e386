-- Credit notes, void ones too.
--
-- One before payment lowers what is to be paid; one after payment is paid back, put on the
-- customer's balance, or settled out of band.
--
-- grain: a credit note
-- key: credit_note_id
-- one of: status: issued, void
-- holds: tax_minor = total_minor - total_excluding_tax_minor

WITH refunded AS (
    SELECT account_id, credit_note_id, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
    FROM credit_note_refunds
    GROUP BY account_id, credit_note_id
)

SELECT
    n._account_id AS account_id,
    n.id AS credit_note_id,
    n.invoice AS invoice_id,
    n.customer AS customer_id,
    n.customer_balance_transaction AS customer_balance_transaction_id, -- With which it went to the customer's balance
    n.number,
    n.status,
    n.type, -- pre_payment, post_payment or mixed
    n.reason,
    n.currency,
    major(n.subtotal, n.currency) AS subtotal, -- Before discounts and exclusive tax
    n.subtotal AS subtotal_minor,
    major(n.discount_amount, n.currency) AS discount, -- What discounts took off, in the currency's own unit
    n.discount_amount AS discount_minor,
    major(COALESCE(n.total_excluding_tax, n.total), n.currency) AS total_excluding_tax, -- After discounts, without any tax
    COALESCE(n.total_excluding_tax, n.total) AS total_excluding_tax_minor, -- The total without taxes
    major(n.total - COALESCE(n.total_excluding_tax, n.total), n.currency) AS tax, -- All tax, inclusive and exclusive
    n.total - COALESCE(n.total_excluding_tax, n.total) AS tax_minor, -- What of the total is taxes
    n.total_taxes, -- The tax by rate, as JSON
    major(n.total, n.currency) AS total, -- After discounts, with tax
    n.total AS total_minor,
    major(n.pre_payment_amount, n.currency) AS pre_payment_amount, -- What it took off the amount to be paid
    n.pre_payment_amount AS pre_payment_amount_minor,
    major(n.post_payment_amount, n.currency) AS post_payment_amount, -- What it gives back of what was paid
    n.post_payment_amount AS post_payment_amount_minor,
    major(COALESCE(r.amount_minor, 0), n.currency) AS refunded, -- The part that refunds give back
    COALESCE(r.amount_minor, 0) AS refunded_minor, -- What of it was refunded
    major(COALESCE(n.out_of_band_amount, 0), n.currency) AS out_of_band_amount, -- The part given back outside Stripe
    COALESCE(n.out_of_band_amount, 0) AS out_of_band_amount_minor, -- What was given back outside of Stripe
    n.memo,
    n.pdf,
    n.created AS created_at,
    n.effective_at,
    n.voided_at,
    n.metadata,
    n.livemode,
    n.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    n.deleted_at
FROM raw.credit_notes AS n
LEFT JOIN refunded AS r
    ON r.account_id = n._account_id
    AND r.credit_note_id = n.id
WHERE $include_deleted OR NOT n.is_deleted
