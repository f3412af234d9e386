-- What became of the subscribers of each month: how many are left, and how much MRR, after so many
-- months. A cohort is the customers whose first MRR was in one month; who comes back is retained
-- again. Amounts are in the reporting currency, at each month's rate.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary (retention by cohort)
--
-- grain: a cohort after some months
-- key: cohort_month, months_since
-- holds: subscribers_retained <= subscribers

WITH members AS (
    SELECT
        account_id,
        customer_id,
        month,
        mrr_end,
        mrr_end_converted,
        new_converted,
        MIN(month) OVER (PARTITION BY account_id, customer_id) AS cohort_month
    FROM mrr_movements
),

kept AS (
    SELECT
        account_id,
        cohort_month,
        month,
        COUNT(DISTINCT customer_id) AS customers,
        COUNT(DISTINCT CASE WHEN mrr_end > 0 THEN customer_id END) AS subscribers,
        SUM(mrr_end_converted) AS mrr,
        SUM(CASE WHEN month = cohort_month THEN new_converted ELSE 0 END) AS mrr_new
    FROM members
    GROUP BY account_id, cohort_month, month
),

-- Everybody has a row in the first month.
sizes AS (
    SELECT account_id, cohort_month, customers AS subscribers
    FROM kept
    WHERE month = cohort_month
),

starts AS (
    SELECT account_id, cohort_month, SUM(mrr_new) AS mrr_start
    FROM kept
    GROUP BY account_id, cohort_month
),

grid AS (
    SELECT
        s.account_id,
        s.cohort_month,
        m.month,
        m.number - f.number AS months_since,
        s.subscribers
    FROM sizes AS s
    INNER JOIN months AS f ON f.month = s.cohort_month
    INNER JOIN months AS m ON m.month >= s.cohort_month
)

SELECT
    g.account_id,
    g.cohort_month, -- Of the first MRR
    g.months_since, -- 0 is the cohort's own month
    g.month,
    g.subscribers, -- In the cohort
    COALESCE(k.subscribers, 0) AS subscribers_retained, -- With MRR at the month's end
    COALESCE(k.subscribers, 0) * 1.0 / g.subscribers AS subscriber_retention, -- 1 is all of them
    COALESCE(s.mrr_start, 0) AS mrr_start, -- The cohort's first MRR
    COALESCE(k.mrr, 0) AS mrr, -- At the month's end
    COALESCE(k.mrr, 0) * 1.0 / NULLIF(s.mrr_start, 0) AS revenue_retention -- mrr / mrr_start; may be above 1
FROM grid AS g
LEFT JOIN kept AS k
    ON
        k.account_id = g.account_id
        AND k.cohort_month = g.cohort_month
        AND k.month = g.month
LEFT JOIN starts AS s ON s.account_id = g.account_id AND s.cohort_month = g.cohort_month
