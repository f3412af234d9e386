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

WITH changed AS (
    SELECT
        account_id,
        customer_id,
        currency,
        month_of(changed_at) AS month,
        SUM(mrr_change) AS mrr_change,
        SUM(CASE WHEN movement = 'new' THEN mrr_change ELSE 0 END) AS new,
        SUM(CASE WHEN movement = 'expansion' THEN mrr_change ELSE 0 END) AS expansion,
        SUM(CASE WHEN movement = 'contraction' THEN mrr_change ELSE 0 END) AS contraction,
        SUM(CASE WHEN movement = 'churn' THEN mrr_change ELSE 0 END) AS churn,
        SUM(CASE WHEN movement = 'reactivation' THEN mrr_change ELSE 0 END) AS reactivation,
        SUM(CASE WHEN subscriber_movement = 'new' THEN 1 ELSE 0 END) AS subscribers_new,
        SUM(CASE WHEN subscriber_movement = 'reactivated' THEN 1 ELSE 0 END)
            AS subscribers_reactivated,
        SUM(CASE WHEN subscriber_movement = 'churned' THEN 1 ELSE 0 END) AS subscribers_churned
    FROM mrr_changes
    WHERE changed_at <= $now
    GROUP BY account_id, customer_id, currency, month_of(changed_at)
),

spans AS (
    SELECT
        account_id,
        customer_id,
        currency,
        month,
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
    FROM changed
),

-- A month with a change, then the months without one for as long as there is MRR.
monthly AS (
    SELECT
        account_id,
        customer_id,
        currency,
        month,
        CAST(mrr_end - mrr_change AS DECIMAL(38, 8)) AS mrr_start,
        CAST(new AS DECIMAL(38, 8)) AS new,
        CAST(expansion AS DECIMAL(38, 8)) AS expansion,
        CAST(contraction AS DECIMAL(38, 8)) AS contraction,
        CAST(churn AS DECIMAL(38, 8)) AS churn,
        CAST(reactivation AS DECIMAL(38, 8)) AS reactivation,
        CAST(mrr_end AS DECIMAL(38, 8)) AS mrr_end,
        subscribers_new,
        subscribers_reactivated,
        subscribers_churned
    FROM spans
    UNION ALL
    SELECT
        s.account_id,
        s.customer_id,
        s.currency,
        m.month,
        CAST(s.mrr_end AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(0 AS DECIMAL(38, 8)),
        CAST(s.mrr_end AS DECIMAL(38, 8)),
        0,
        0,
        0
    FROM spans AS s
    INNER JOIN months AS m
        ON m.month > s.month AND (s.next_month IS NULL OR m.month < s.next_month)
    WHERE s.mrr_end > 0
),

rates AS (
    SELECT
        account_id,
        currency,
        month,
        rate,
        COALESCE(LAG(rate) OVER (PARTITION BY account_id, currency ORDER BY month), rate) AS before
    FROM month_rates
),

converted AS (
    SELECT
        m.account_id,
        m.customer_id,
        m.currency,
        m.month,
        m.mrr_start,
        m.new,
        m.expansion,
        m.contraction,
        m.churn,
        m.reactivation,
        m.mrr_end,
        m.subscribers_new,
        m.subscribers_reactivated,
        m.subscribers_churned,
        CAST(m.mrr_start * r.before AS DECIMAL(38, 8)) AS mrr_start_converted,
        CAST(m.new * r.rate AS DECIMAL(38, 8)) AS new_converted,
        CAST(m.expansion * r.rate AS DECIMAL(38, 8)) AS expansion_converted,
        CAST(m.contraction * r.rate AS DECIMAL(38, 8)) AS contraction_converted,
        CAST(m.churn * r.rate AS DECIMAL(38, 8)) AS churn_converted,
        CAST(m.reactivation * r.rate AS DECIMAL(38, 8)) AS reactivation_converted,
        CAST(m.mrr_end * r.rate AS DECIMAL(38, 8)) AS mrr_end_converted
    FROM monthly AS m
    LEFT JOIN rates AS r
        ON r.account_id = m.account_id AND r.currency = m.currency AND r.month = m.month
)

SELECT
    account_id,
    customer_id,
    currency,
    month, -- Its first day
    mrr_start, -- In the currency's own unit, unrounded
    new, -- The customer's first MRR in this currency
    expansion,
    contraction, -- Below 0
    churn, -- Below 0: what went to nothing
    reactivation, -- What came back from nothing
    mrr_end,
    subscribers_new, -- 1 where the customer became a subscriber by this, in any currency
    subscribers_reactivated, -- How often the customer became one again
    subscribers_churned, -- How often the customer ceased to be one
    mrr_start_converted, -- In the reporting currency, at the rate of the month before
    new_converted, -- In the reporting currency, at the month's rate, as those that follow
    expansion_converted,
    contraction_converted,
    churn_converted,
    reactivation_converted,
    mrr_end_converted - mrr_start_converted - new_converted - expansion_converted
    - contraction_converted - churn_converted - reactivation_converted AS currency_effect_converted, -- What the rates did to the MRR that was there
    mrr_end_converted
FROM converted
