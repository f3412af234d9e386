-- The refunds that credit notes made or were given, and how much of each. Void credit notes have none.
--
-- grain: a refund of a credit note
-- key: credit_note_id, refund_id
-- optional: credit_notes

WITH items AS (
    SELECT
        n._account_id,
        n.id,
        n.invoice,
        json_items(n.refunds) AS item
    FROM raw.credit_notes AS n
    WHERE n.status = 'issued' AND NOT n.is_deleted
),

parts AS (
    SELECT
        _account_id,
        id,
        invoice,
        COALESCE(
            json_text(item, 'refund'),
            json_text(item, 'payment_record_refund', 'refund_group'),
            'unknown'
        ) AS refund_id,
        CAST(json_text(item, 'amount_refunded') AS BIGINT) AS amount
    FROM items
)

SELECT
    _account_id AS account_id,
    id AS credit_note_id, -- The credit note
    refund_id, -- A refund, or the group of refunds of a payment record
    MIN(invoice) AS invoice_id, -- The credit note's
    CAST(SUM(amount) AS BIGINT) AS amount_minor -- The part of the refund that the credit note accounts for
FROM parts
GROUP BY _account_id, id, refund_id
