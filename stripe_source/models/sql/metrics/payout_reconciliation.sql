-- Payouts, and what is in them: the difference is 0 where all of it is known.
--
-- Stripe says what is in a payout only of those that it made by its schedule, and when it has
-- worked that out. For others, and while reconciliation_status is in_progress, the parts are null.
--
-- grain: a payout
-- key: payout_id
-- refers: payout_id -> payouts.payout_id
-- holds: parts IS NULL OR parts = charges + refunds + disputes + fees + other

WITH entries AS (
    SELECT
        t._account_id,
        t.payout_id,
        t.reporting_category,
        t.amount,
        t.fee,
        t.net
    FROM raw.payout_balance_transactions AS t
    WHERE NOT t.is_deleted
        AND NOT (t.type = 'payout' AND t.source = t.payout_id)
),

sums AS (
    SELECT
        e._account_id,
        e.payout_id,
        COUNT(*) AS transactions,
        CAST(SUM(CASE WHEN e.reporting_category IN ('charge', 'charge_failure') THEN e.amount ELSE 0 END) AS BIGINT) AS charges,
        CAST(SUM(CASE WHEN e.reporting_category IN ('refund', 'refund_failure') THEN e.amount ELSE 0 END) AS BIGINT) AS refunds,
        CAST(SUM(CASE WHEN e.reporting_category IN ('dispute', 'dispute_reversal') THEN e.amount ELSE 0 END) AS BIGINT) AS disputes,
        CAST(SUM(CASE WHEN e.reporting_category = 'fee' THEN e.net ELSE -e.fee END) AS BIGINT) AS fees,
        CAST(SUM(e.net) AS BIGINT) AS parts
    FROM entries AS e
    GROUP BY
        e._account_id,
        e.payout_id
),

known_sums AS (
    SELECT
        p.account_id,
        p.payout_id,
        p.currency,
        p.amount_minor,
        p.arrival_at,
        p.status,
        p.automatic,
        COALESCE(s.charges, 0) AS charges,
        COALESCE(s.refunds, 0) AS refunds,
        COALESCE(s.disputes, 0) AS disputes,
        COALESCE(s.fees, 0) AS fees,
        COALESCE(s.parts, 0) AS parts,
        COALESCE(s.transactions, 0) AS transactions,
        CASE WHEN p.automatic AND COALESCE(p.reconciliation_status, '') <> 'in_progress' THEN 1 END AS known
    FROM payouts AS p
    LEFT JOIN sums AS s
        ON s._account_id = p.account_id
        AND s.payout_id = p.payout_id
    WHERE NOT p.is_deleted
)

SELECT
    k.account_id,
    k.payout_id,
    k.currency,
    major(k.amount_minor, k.currency) AS amount, -- What went to the bank; below 0 if it was debited
    k.arrival_at,
    k.status,
    k.automatic,
    major(k.charges * k.known, k.currency) AS charges, -- Payments in it, before fees
    major(k.refunds * k.known, k.currency) AS refunds, -- Refunds, below 0, and those that failed
    major(k.disputes * k.known, k.currency) AS disputes, -- Withdrawn, below 0, and reinstated, without their fees
    major(k.fees * k.known, k.currency) AS fees, -- Below 0: the fees of all its parts, and fees on their own
    major((k.parts - k.charges - k.refunds - k.disputes - k.fees) * k.known, k.currency) AS other, -- All else: transfers, top-ups, failed payouts, ...
    major(k.parts * k.known, k.currency) AS parts, -- charges + refunds + disputes + fees + other
    major((k.amount_minor - k.parts) * k.known, k.currency) AS difference, -- amount - parts
    k.transactions * k.known AS transactions -- How many balance transactions are in it
FROM known_sums AS k
