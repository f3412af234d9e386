-- Open invoices that are past due, as of now.
--
-- One that is sent is past due from the day after its due date. One that is charged automatically
-- has none: it is past due from the day after it was finalized, once a payment attempt failed.
--
-- grain: an invoice
-- key: invoice_id
-- refers: invoice_id -> invoices.invoice_id
-- one of: bucket: 1-30, 31-60, 61-90, over 90
-- holds: amount_remaining > 0
-- holds: days_overdue > 0

WITH receivables AS (
    SELECT
        i.account_id,
        i.invoice_id,
        i.customer_id,
        i.number,
        i.currency,
        i.amount_remaining,
        CASE
            WHEN i.due_at IS NOT NULL THEN i.due_at
            WHEN i.collection_method = 'charge_automatically' AND i.attempt_count > 0 THEN i.finalized_at
        END AS due_at,
        i.collection_method,
        i.attempt_count
    FROM invoices AS i
    WHERE i.status = 'open'
        AND i.amount_remaining_minor > 0
        AND NOT i.is_deleted
),

overdue AS (
    SELECT
        r.account_id,
        r.invoice_id,
        r.customer_id,
        r.number,
        r.currency,
        r.amount_remaining,
        r.due_at,
        DATE_DIFF('day', day_of(r.due_at), day_of($now)) AS days_overdue,
        r.collection_method,
        r.attempt_count
    FROM receivables AS r
    WHERE r.due_at IS NOT NULL
)

SELECT
    o.account_id,
    o.invoice_id,
    o.customer_id,
    o.number,
    o.currency,
    o.amount_remaining,
    o.due_at, -- Its due date; of one charged automatically, when it was finalized
    o.days_overdue, -- Whole days since, in the time zone
    CASE
        WHEN o.days_overdue <= 30 THEN '1-30'
        WHEN o.days_overdue <= 60 THEN '31-60'
        WHEN o.days_overdue <= 90 THEN '61-90'
        ELSE 'over 90'
    END AS bucket, -- Of days: 1-30, 31-60, 61-90 or over 90
    o.collection_method,
    o.attempt_count
FROM overdue AS o
WHERE o.days_overdue > 0
