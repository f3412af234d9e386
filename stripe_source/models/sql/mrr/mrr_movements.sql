-- MRR of each customer in each currency by month, and by what it came to be: what is new, expanded,
-- contracted (below 0), churned (below 0) and reactivated in the month adds up to its change.
--
-- Converted, the start is at the rate of the month before, the rest at the month's; what the rates
-- did to the MRR that was there is currency_effect_converted. Null where there is no rate.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary (MRR growth)
--
-- grain: a month of a customer's MRR in a currency
-- key: customer_id, currency, month
-- holds: mrr_start + new + expansion + contraction + churn + reactivation = mrr_end
-- holds: mrr_end >= 0

WITH spans AS (
    SELECT
        account_id,
        customer_id,
        currency,
        month,
        cohort_month,
        mrr_change,
        new,
        expansion,
        contraction,
        churn,
        reactivation,
        subscribers_new,
        subscribers_reactivated,
        subscribers_churned,
        SUM(mrr_change) OVER (
            PARTITION BY account_id, customer_id, currency ORDER BY month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS mrr_end,
        LEAD(month) OVER (
            PARTITION BY account_id, customer_id, currency ORDER BY month
        ) AS next_month
    FROM mrr_changes_monthly
),

-- A month with a change, then the months without one for as long as there is MRR.
monthly AS (
    SELECT
        s.account_id,
        s.customer_id,
        s.currency,
        s.month,
        s.cohort_month,
        CAST(s.mrr_end - s.mrr_change AS DECIMAL(38, 8)) AS mrr_start,
        CAST(s.new AS DECIMAL(38, 8)) AS new,
        CAST(s.expansion AS DECIMAL(38, 8)) AS expansion,
        CAST(s.contraction AS DECIMAL(38, 8)) AS contraction,
        CAST(s.churn AS DECIMAL(38, 8)) AS churn,
        CAST(s.reactivation AS DECIMAL(38, 8)) AS reactivation,
        CAST(s.mrr_end AS DECIMAL(38, 8)) AS mrr_end,
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
    FROM spans AS s
    LEFT JOIN month_rates AS r
        ON r.account_id = s.account_id AND r.currency = s.currency AND r.month = s.month
    UNION ALL
    SELECT
        s.account_id,
        s.customer_id,
        s.currency,
        m.month,
        s.cohort_month,
        CAST(s.mrr_end AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(s.mrr_end AS DECIMAL(38, 8)),
        0,
        0,
        0,
        CAST(s.mrr_end * r.rate_before AS DECIMAL(38, 8)),
        CASE WHEN r.rate IS NOT NULL THEN CAST(0 AS DECIMAL(38, 8)) END,
        CASE WHEN r.rate IS NOT NULL THEN CAST(0 AS DECIMAL(38, 8)) END,
        CASE WHEN r.rate IS NOT NULL THEN CAST(0 AS DECIMAL(38, 8)) END,
        CASE WHEN r.rate IS NOT NULL THEN CAST(0 AS DECIMAL(38, 8)) END,
        CASE WHEN r.rate IS NOT NULL THEN CAST(0 AS DECIMAL(38, 8)) END,
        CAST(s.mrr_end * r.rate AS DECIMAL(38, 8))
    FROM spans AS s
    INNER JOIN months AS m
        ON m.month > s.month AND (s.next_month IS NULL OR m.month < s.next_month)
    LEFT JOIN month_rates AS r
        ON r.account_id = s.account_id AND r.currency = s.currency AND r.month = m.month
    WHERE s.mrr_end > 0
)

SELECT
    account_id,
    customer_id, -- The customer
    currency, -- Of the MRR
    month, -- Its first day
    cohort_month, -- That of the customer's first MRR in any currency
    mrr_start, -- In the currency's own unit, unrounded
    new, -- The customer's first MRR in this currency
    expansion, -- What MRR grew by, of those who had some
    contraction, -- Below 0
    churn, -- Below 0: what went to nothing
    reactivation, -- What came back from nothing
    mrr_end, -- At the end of the month, or now in the month that has begun
    subscribers_new, -- 1 where the customer became a subscriber by this, in any currency
    subscribers_reactivated, -- How often the customer became one again
    subscribers_churned, -- How often the customer ceased to be one
    mrr_start_converted, -- In the reporting currency, at the rate of the month before
    new_converted, -- In the reporting currency, at the month's rate, as those that follow
    expansion_converted, -- In the reporting currency, at the month's rate
    contraction_converted, -- In the reporting currency, at the month's rate; below 0
    churn_converted, -- In the reporting currency, at the month's rate; below 0
    reactivation_converted, -- In the reporting currency, at the month's rate
    mrr_end_converted - mrr_start_converted - new_converted - expansion_converted
    - contraction_converted - churn_converted - reactivation_converted AS currency_effect_converted, -- What the rates did to the MRR that was there
    mrr_end_converted -- In the reporting currency, at the month's rate
FROM monthly
