-- Customers whose MRR is below what it was at its highest in the last 30 days.
--
-- What fell in several steps is one drop, and one who left has dropped by all of it.
--
-- grain: a customer in a currency
-- key: customer_id, currency
-- holds: mrr < mrr_before
-- holds: share > 0 AND share <= 1

WITH recent AS (
    SELECT
        c.account_id,
        c.customer_id,
        c.currency,
        c.changed_at,
        c.mrr_after,
        CASE WHEN c.mrr_before > c.mrr_after THEN c.mrr_before ELSE c.mrr_after END AS mrr_highest,
        ROW_NUMBER() OVER (
            PARTITION BY c.account_id, c.customer_id, c.currency ORDER BY c.changed_at DESC
        ) AS latest
    FROM mrr_changes AS c
    WHERE c.changed_at > $now - INTERVAL 30 DAY AND c.changed_at <= $now
),

drops AS (
    SELECT
        r.account_id,
        r.customer_id,
        r.currency,
        MAX(r.mrr_highest) AS mrr_before,
        MAX(CASE WHEN r.latest = 1 THEN r.mrr_after END) AS mrr,
        MAX(r.changed_at) AS changed_at
    FROM recent AS r
    GROUP BY r.account_id, r.customer_id, r.currency
)

SELECT
    d.account_id,
    d.customer_id,
    c.name AS customer_name,
    c.email AS customer_email,
    d.currency,
    d.mrr_before, -- The highest of the last 30 days, in the currency's own unit
    d.mrr, -- What it is now
    d.mrr_before - d.mrr AS lost, -- A month
    CAST((d.mrr_before - d.mrr) / d.mrr_before AS DECIMAL(9, 4)) AS share, -- What is lost of what it was, from 0 to 1
    d.changed_at -- When it last changed
FROM drops AS d
LEFT JOIN customers AS c ON c.account_id = d.account_id AND c.customer_id = d.customer_id
WHERE (d.mrr_before - d.mrr) / d.mrr_before >= 0.00005
