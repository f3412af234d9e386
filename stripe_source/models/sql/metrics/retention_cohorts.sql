-- What became of the subscribers of each month: how many are left, and how much MRR, after so many
-- months. A cohort is the customers whose first MRR was in one month; who comes back is retained
-- again. Amounts are in the reporting currency, at each month's rate.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary (retention by cohort)
--
-- grain: a cohort after some months
-- key: cohort_month, months_since
-- holds: subscribers_retained <= subscribers

WITH cohorts AS (
    SELECT account_id, customer_id, month_of(changed_at) AS cohort_month
    FROM subscriber_changes
    WHERE movement = 'new' AND changed_at <= $now
),

sizes AS (
    SELECT account_id, cohort_month, COUNT(*) AS subscribers
    FROM cohorts
    GROUP BY account_id, cohort_month
),

kept AS (
    SELECT
        c.account_id,
        c.cohort_month,
        m.month,
        COUNT(DISTINCT CASE WHEN m.mrr_end > 0 THEN m.customer_id END) AS subscribers,
        SUM(m.mrr_end_converted) AS mrr,
        SUM(CASE WHEN m.month = c.cohort_month THEN m.new_converted ELSE 0 END) AS mrr_new
    FROM cohorts AS c
    INNER JOIN mrr_movements AS m
        ON m.account_id = c.account_id AND m.customer_id = c.customer_id
    GROUP BY c.account_id, c.cohort_month, m.month
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
