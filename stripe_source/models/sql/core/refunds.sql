-- Refunds of payments, failed ones too.
--
-- A refund that a credit note made, or was given, is a part of that credit note: credited has how
-- much of it.
--
-- grain: a refund
-- key: refund_id

WITH credited AS (
    SELECT
        account_id,
        refund_id,
        MIN(credit_note_id) AS credit_note_id,
        MIN(invoice_id) AS invoice_id,
        CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
    FROM credit_note_refunds
    GROUP BY account_id, refund_id
)

SELECT
    r._account_id AS account_id,
    r.id AS refund_id,
    r.charge AS charge_id,
    r.payment_intent AS payment_intent_id,
    r.customer AS customer_id,
    COALESCE(bc.invoice_id, bi.invoice_id, n.invoice_id) AS invoice_id, -- The invoice that the refunded payment paid
    n.credit_note_id, -- The credit note that made it; null for a refund on its own
    r.balance_transaction AS balance_transaction_id,
    r.failure_balance_transaction AS failure_balance_transaction_id, -- With which the money of a failed refund came back
    r.status,
    r.reason,
    r.currency,
    major(r.amount, r.currency) AS amount, -- In the currency's own unit
    r.amount AS amount_minor,
    major(COALESCE(n.amount_minor, 0), r.currency) AS credited, -- The part of amount that credit notes account for
    COALESCE(n.amount_minor, 0) AS credited_minor, -- What of it credit notes account for
    r.failure_reason,
    r.pending_reason,
    r.description,
    r.receipt_number,
    r.created AS created_at,
    r.metadata,
    r.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    r.deleted_at
FROM raw.refunds AS r
LEFT JOIN credited AS n
    ON n.account_id = r._account_id
    AND n.refund_id = r.id
LEFT JOIN payment_invoices AS bi
    ON bi.account_id = r._account_id
    AND bi.paid_by_id = r.payment_intent
LEFT JOIN payment_invoices AS bc
    ON bc.account_id = r._account_id
    AND bc.paid_by_id = r.charge
WHERE $include_deleted OR NOT r.is_deleted
