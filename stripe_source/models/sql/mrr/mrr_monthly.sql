-- MRR by month and currency, with its movements: the sums of mrr_movements.
--
-- grain: a month in a currency
-- key: month, currency
-- holds: mrr_start + new + expansion + contraction + churn + reactivation = mrr_end
-- holds: mrr_end >= 0

WITH changed AS (
    SELECT
        account_id,
        month,
        currency,
        SUM(mrr_change) AS mrr_change,
        SUM(new) AS new,
        SUM(expansion) AS expansion,
        SUM(contraction) AS contraction,
        SUM(churn) AS churn,
        SUM(reactivation) AS reactivation,
        SUM(customers_change) AS customers_change,
        SUM(subscribers_new) AS subscribers_new,
        SUM(subscribers_reactivated) AS subscribers_reactivated,
        SUM(subscribers_churned) AS subscribers_churned
    FROM mrr_changes_monthly
    GROUP BY account_id, month, currency
),

begins AS (
    SELECT account_id, currency, MIN(month) AS month FROM changed GROUP BY account_id, currency
),

running AS (
    SELECT
        b.account_id,
        m.month,
        b.currency,
        c.month IS NOT NULL AS has_changes,
        COALESCE(c.mrr_change, 0) AS mrr_change,
        COALESCE(c.new, 0) AS new,
        COALESCE(c.expansion, 0) AS expansion,
        COALESCE(c.contraction, 0) AS contraction,
        COALESCE(c.churn, 0) AS churn,
        COALESCE(c.reactivation, 0) AS reactivation,
        COALESCE(c.subscribers_new, 0) AS subscribers_new,
        COALESCE(c.subscribers_reactivated, 0) AS subscribers_reactivated,
        COALESCE(c.subscribers_churned, 0) AS subscribers_churned,
        SUM(COALESCE(c.customers_change, 0)) OVER (
            PARTITION BY b.account_id, b.currency ORDER BY m.month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS customers,
        SUM(COALESCE(c.mrr_change, 0)) OVER (
            PARTITION BY b.account_id, b.currency ORDER BY m.month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS mrr_end
    FROM begins AS b
    INNER JOIN months AS m ON m.month >= b.month
    LEFT JOIN changed AS c
        ON c.account_id = b.account_id AND c.currency = b.currency AND c.month = m.month
),

converted AS (
    SELECT
        s.account_id,
        s.month,
        s.currency,
        s.customers,
        s.mrr_end - s.mrr_change AS mrr_start,
        s.new,
        s.expansion,
        s.contraction,
        s.churn,
        s.reactivation,
        s.mrr_end,
        s.subscribers_new,
        s.subscribers_reactivated,
        s.subscribers_churned,
        CAST((s.mrr_end - s.mrr_change) * r.rate_before AS DECIMAL(38, 8)) AS mrr_start_converted,
        CAST(s.new * r.rate AS DECIMAL(38, 8)) AS new_converted,
        CAST(s.expansion * r.rate AS DECIMAL(38, 8)) AS expansion_converted,
        CAST(s.contraction * r.rate AS DECIMAL(38, 8)) AS contraction_converted,
        CAST(s.churn * r.rate AS DECIMAL(38, 8)) AS churn_converted,
        CAST(s.reactivation * r.rate AS DECIMAL(38, 8)) AS reactivation_converted,
        CAST(s.mrr_end * r.rate AS DECIMAL(38, 8)) AS mrr_end_converted
    FROM running AS s
    LEFT JOIN month_rates AS r
        ON r.account_id = s.account_id AND r.currency = s.currency AND r.month = s.month
    WHERE s.has_changes OR s.customers > 0
)

SELECT
    account_id,
    month, -- Its first day
    currency, -- Of the MRR
    customers, -- With MRR in this currency at the end
    mrr_start, -- In the currency's own unit, unrounded
    new, -- The first MRR of customers in this currency
    expansion, -- What MRR grew by, of those who had some
    contraction, -- Below 0
    churn, -- Below 0
    reactivation, -- What came back from nothing
    mrr_end, -- At the end of the month, or now in the month that has begun
    subscribers_new, -- Customers whose first MRR in any currency this was
    subscribers_reactivated, -- How often customers became subscribers again
    subscribers_churned, -- How often customers ceased to be subscribers
    mrr_start_converted, -- In the reporting currency, at the rate of the month before; null without a rate
    new_converted, -- In the reporting currency, at the month's rate, as those that follow
    expansion_converted, -- In the reporting currency, at the month's rate
    contraction_converted, -- In the reporting currency, at the month's rate; below 0
    churn_converted, -- In the reporting currency, at the month's rate; below 0
    reactivation_converted, -- In the reporting currency, at the month's rate
    mrr_end_converted - mrr_start_converted - new_converted - expansion_converted
    - contraction_converted - churn_converted - reactivation_converted AS currency_effect_converted, -- What the rates did to the MRR that was there
    mrr_end_converted -- In the reporting currency, at the month's rate
FROM converted
