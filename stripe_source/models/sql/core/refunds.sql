-- Refunds of payments, failed ones too.
--
-- A refund that a credit note made, or was given, is a part of that credit note: credited has how
-- much of it.
--
-- grain: a refund
-- key: refund_id
-- optional: credit_notes, invoice_payments

WITH note_items AS (
    SELECT
        n._account_id,
        n.id,
        n.invoice,
        json_items(n.refunds) AS item
    FROM raw.credit_notes AS n
    WHERE n.status = 'issued' AND NOT n.is_deleted
),

note_refunds AS (
    SELECT
        n._account_id,
        n.id,
        n.invoice,
        json_text(n.item, 'refund') AS refund_id,
        CAST(json_text(n.item, 'amount_refunded') AS BIGINT) AS amount_refunded
    FROM note_items AS n
),

notes_by_refund AS (
    SELECT
        n._account_id,
        n.refund_id,
        MIN(n.id) AS credit_note_id,
        MIN(n.invoice) AS invoice_id,
        CAST(SUM(n.amount_refunded) AS BIGINT) AS credited
    FROM note_refunds AS n
    WHERE n.refund_id IS NOT NULL
    GROUP BY
        n._account_id,
        n.refund_id
),

invoices_by_intent AS (
    SELECT
        p._account_id,
        p.payment__payment_intent AS payment_intent_id,
        MIN(p.invoice) AS invoice_id
    FROM raw.invoice_payments AS p
    WHERE p.payment__payment_intent IS NOT NULL AND NOT p.is_deleted
    GROUP BY
        p._account_id,
        p.payment__payment_intent
),

invoices_by_charge AS (
    SELECT
        p._account_id,
        p.payment__charge AS charge_id,
        MIN(p.invoice) AS invoice_id
    FROM raw.invoice_payments AS p
    WHERE p.payment__charge IS NOT NULL AND NOT p.is_deleted
    GROUP BY
        p._account_id,
        p.payment__charge
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
    major(r.amount, r.currency) AS amount,
    r.amount AS amount_minor,
    major(COALESCE(n.credited, 0), r.currency) AS credited, -- The part of amount that credit notes account for
    COALESCE(n.credited, 0) AS credited_minor,
    r.failure_reason,
    r.pending_reason,
    r.description,
    r.receipt_number,
    r.created AS created_at,
    r.metadata,
    r.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    r.deleted_at
FROM raw.refunds AS r
LEFT JOIN notes_by_refund AS n
    ON n._account_id = r._account_id
    AND n.refund_id = r.id
LEFT JOIN invoices_by_intent AS bi
    ON bi._account_id = r._account_id
    AND bi.payment_intent_id = r.payment_intent
LEFT JOIN invoices_by_charge AS bc
    ON bc._account_id = r._account_id
    AND bc.charge_id = r.charge
WHERE $include_deleted OR NOT r.is_deleted
