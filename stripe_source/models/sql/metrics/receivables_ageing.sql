-- What open invoices are still to bring, by how long it is overdue, as of now.
--
-- grain: a bucket in a currency
-- key: account_id, currency, bucket
-- one of: bucket: not due, 1-30, 31-60, 61-90, over 90
-- holds: amount > 0

WITH receivables AS (
    SELECT
        o.account_id,
        o.currency,
        o.bucket,
        o.amount_remaining
    FROM invoices_overdue AS o
    UNION ALL
    SELECT
        i.account_id,
        i.currency,
        'not due' AS bucket,
        i.amount_remaining
    FROM invoices AS i
    WHERE i.status = 'open'
        AND i.amount_remaining_minor > 0
        AND NOT i.is_deleted
        AND i.invoice_id NOT IN (SELECT o.invoice_id FROM invoices_overdue AS o)
)

SELECT
    r.account_id,
    r.currency,
    r.bucket, -- Days overdue: not due, 1-30, 31-60, 61-90 or over 90
    COUNT(*) AS invoices, -- How many
    SUM(r.amount_remaining) AS amount -- What remains to be paid of them
FROM receivables AS r
GROUP BY
    r.account_id,
    r.currency,
    r.bucket
