-- Invoices of which a payment failed, and what came of it.
--
-- A failure is a failed charge. An attempt that ended before a charge was made, for want of a
-- payment method or of the customer's confirmation, is none.
--
-- grain: an invoice
-- key: invoice_id
-- refers: invoice_id -> invoices.invoice_id
-- one of: outcome: recovered, open, lost
-- holds: failed_attempts > 0
-- holds: amount_recovered >= 0

WITH failures AS (
    SELECT
        c.account_id,
        c.invoice_id,
        c.created_at,
        c.failure_code,
        ROW_NUMBER() OVER (
            PARTITION BY c.account_id, c.invoice_id
            ORDER BY c.created_at DESC, c.charge_id DESC
        ) AS place
    FROM charges AS c
    WHERE c.status = 'failed'
        AND c.invoice_id IS NOT NULL
        AND NOT c.is_deleted
),

failures_by_invoice AS (
    SELECT
        f.account_id,
        f.invoice_id,
        MIN(f.created_at) AS first_failed_at,
        COUNT(*) AS failed_attempts,
        MAX(CASE WHEN f.place = 1 THEN f.failure_code END) AS last_failure_code
    FROM failures AS f
    GROUP BY
        f.account_id,
        f.invoice_id
),

paid_before AS (
    SELECT
        p._account_id AS account_id,
        p.invoice AS invoice_id,
        CAST(SUM(COALESCE(p.amount_paid, 0)) AS BIGINT) AS amount
    FROM raw.invoice_payments AS p
    INNER JOIN failures_by_invoice AS f
        ON f.account_id = p._account_id
        AND f.invoice_id = p.invoice
    WHERE p.status = 'paid'
        AND p.status_transitions__paid_at < f.first_failed_at
        AND NOT p.is_deleted
    GROUP BY
        p._account_id,
        p.invoice
),

dunned AS (
    SELECT
        i.account_id AS account_id,
        i.invoice_id AS invoice_id,
        i.customer_id AS customer_id,
        i.subscription_id AS subscription_id,
        i.currency AS currency,
        i.amount_due_minor AS amount_due,
        i.amount_paid_minor - COALESCE(b.amount, 0) AS amount_recovered,
        f.first_failed_at,
        f.failed_attempts,
        f.last_failure_code,
        i.paid_at,
        CASE
            WHEN i.status = 'paid' AND i.amount_paid_minor > COALESCE(b.amount, 0) THEN 'recovered'
            WHEN i.status = 'open' THEN 'open'
            ELSE 'lost'
        END AS outcome
    FROM failures_by_invoice AS f
    INNER JOIN invoices AS i
        ON i.account_id = f.account_id
        AND i.invoice_id = f.invoice_id
    LEFT JOIN paid_before AS b
        ON b.account_id = f.account_id
        AND b.invoice_id = f.invoice_id
    WHERE NOT i.is_deleted
)

SELECT
    d.account_id,
    d.invoice_id,
    d.customer_id,
    d.subscription_id, -- The subscription that it bills; null for a manual one
    d.currency,
    major(d.amount_due, d.currency) AS amount_due, -- What the invoice asked for, in the currency's own unit
    d.first_failed_at, -- When the first charge failed
    d.failed_attempts, -- How many charges failed
    d.outcome, -- recovered: paid after all; open; or lost: void, uncollectible, or closed without money, by a credit note
    CASE WHEN d.outcome = 'recovered' THEN d.paid_at END AS recovered_at, -- When it was paid after all
    CASE
        WHEN d.outcome = 'recovered' THEN DATE_DIFF('day', day_of(d.first_failed_at), day_of(d.paid_at))
    END AS days_to_recover, -- Whole days from the first failure, in the time zone
    major(d.amount_recovered, d.currency) AS amount_recovered, -- What was paid after the first failure, of an open or lost one too
    d.last_failure_code -- The failure code of the last failed charge
FROM dunned AS d
