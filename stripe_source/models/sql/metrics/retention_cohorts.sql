-- What became of the subscribers of each month: how many are left, and how much MRR, after so many
-- months. A cohort is the customers whose first MRR was in one month; who comes back is retained
-- again. Amounts are in the reporting currency, at each month's rate.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary (retention by cohort)
--
-- grain: a cohort after some months
-- key: cohort_month, months_since
-- holds: subscribers_retained <= subscribers

WITH changed AS (
    SELECT
        account_id,
        cohort_month,
        month,
        currency,
        SUM(mrr_change) AS mrr_change,
        SUM(CASE WHEN month = cohort_month THEN new ELSE 0 END) AS mrr_new,
        SUM(subscribers_new + subscribers_reactivated - subscribers_churned) AS subscribers_change,
        SUM(CASE WHEN month = cohort_month THEN subscribers_new ELSE 0 END) AS subscribers
    FROM mrr_changes_monthly
    GROUP BY account_id, cohort_month, month, currency
),

cohorts AS (
    SELECT account_id, cohort_month, currency, SUM(subscribers) AS subscribers
    FROM changed
    GROUP BY account_id, cohort_month, currency
),

-- What is left in a currency is the sum of all changes up to the month.
running AS (
    SELECT
        s.account_id,
        s.cohort_month,
        m.month,
        m.number - f.number AS months_since,
        s.currency,
        s.subscribers,
        c.mrr_new,
        SUM(COALESCE(c.subscribers_change, 0)) OVER (
            PARTITION BY s.account_id, s.cohort_month, s.currency ORDER BY m.month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS subscribers_retained,
        SUM(COALESCE(c.mrr_change, 0)) OVER (
            PARTITION BY s.account_id, s.cohort_month, s.currency ORDER BY m.month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS mrr
    FROM cohorts AS s
    INNER JOIN months AS f ON f.month = s.cohort_month
    INNER JOIN months AS m ON m.month >= s.cohort_month
    LEFT JOIN changed AS c
        ON
            c.account_id = s.account_id
            AND c.cohort_month = s.cohort_month
            AND c.currency = s.currency
            AND c.month = m.month
),

together AS (
    SELECT
        s.account_id,
        s.cohort_month,
        s.months_since,
        s.month,
        SUM(s.subscribers) AS subscribers,
        SUM(s.subscribers_retained) AS subscribers_retained,
        SUM(CAST(s.mrr_new * r.rate AS DECIMAL(38, 8))) AS mrr_new,
        SUM(CAST(s.mrr * r.rate AS DECIMAL(38, 8))) AS mrr,
        COUNT(DISTINCT CASE WHEN r.rate IS NULL AND (s.mrr > 0 OR s.mrr_new > 0) THEN s.currency END)
            AS without_rate
    FROM running AS s
    LEFT JOIN month_rates AS r
        ON r.account_id = s.account_id AND r.currency = s.currency AND r.month = s.month
    GROUP BY s.account_id, s.cohort_month, s.months_since, s.month
),

cohort_starts AS (
    SELECT account_id, cohort_month, SUM(mrr_new) AS mrr_start
    FROM together
    GROUP BY account_id, cohort_month
)

SELECT
    t.account_id,
    t.cohort_month, -- Of the first MRR
    t.months_since, -- 0 is the cohort's own month
    t.month,
    t.subscribers, -- In the cohort
    t.subscribers_retained, -- With MRR at the month's end
    t.subscribers_retained * 1.0 / t.subscribers AS subscriber_retention, -- 1 is all of them
    s.mrr_start, -- The cohort's first MRR; null where none of it has a rate
    t.mrr, -- At the month's end; null where none of it has a rate
    t.mrr * 1.0 / NULLIF(s.mrr_start, 0) AS revenue_retention, -- mrr / mrr_start; may be above 1
    t.without_rate AS currencies_without_rate -- So many currencies are not in the amounts, but their subscribers are counted
FROM together AS t
INNER JOIN cohort_starts AS s ON s.account_id = t.account_id AND s.cohort_month = t.cohort_month
