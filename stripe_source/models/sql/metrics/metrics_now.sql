-- The figures of Stripe's billing overview, as of now and over the last 30 days.
--
-- Amounts are in the reporting currency, those of 30 days ago at today's rates. MRR in a currency
-- without a rate is left out.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary; Sigma's template "net MRR
-- churn rate", by which reactivation is on the retained side.
--
-- grain: an account
-- key: account_id

WITH rates AS (
    SELECT r.account_id, r.currency, r.rate
    FROM month_rates AS r
    INNER JOIN months AS m ON m.month = r.month AND m.is_current
),

changes AS (
    SELECT
        account_id,
        customer_id,
        currency,
        changed_at,
        mrr_change,
        movement,
        subscriber_movement
    FROM mrr_changes
    WHERE changed_at <= $now
),

money AS (
    SELECT
        c.account_id,
        SUM(c.mrr_change * r.rate) AS mrr,
        SUM(
            CASE WHEN c.changed_at <= $now - INTERVAL 30 DAY THEN c.mrr_change * r.rate ELSE 0 END
        ) AS mrr_before,
        SUM(
            CASE
                WHEN c.changed_at > $now - INTERVAL 30 DAY AND c.movement <> 'new'
                    THEN c.mrr_change * r.rate
                ELSE 0
            END
        ) AS kept
    FROM changes AS c
    INNER JOIN rates AS r ON r.account_id = c.account_id AND r.currency = c.currency
    GROUP BY c.account_id
),

subscribers AS (
    SELECT
        account_id,
        SUM(CASE WHEN subscriber_movement = 'churned' THEN -1 ELSE 1 END) AS active,
        SUM(
            CASE
                WHEN changed_at > $now - INTERVAL 30 DAY THEN 0
                WHEN subscriber_movement = 'churned' THEN -1
                ELSE 1
            END
        ) AS active_before,
        SUM(
            CASE WHEN changed_at > $now - INTERVAL 30 DAY AND subscriber_movement = 'new' THEN 1 ELSE 0 END
        ) AS new,
        SUM(
            CASE WHEN changed_at > $now - INTERVAL 30 DAY AND subscriber_movement = 'churned' THEN 1 ELSE 0 END
        ) AS churned
    FROM changes
    WHERE subscriber_movement IS NOT NULL
    GROUP BY account_id
),

-- Of each customer in each currency what there is now, and how many have a rate.
held AS (
    SELECT account_id, customer_id, currency
    FROM changes
    GROUP BY account_id, customer_id, currency
    HAVING SUM(mrr_change) > 0
),

rated AS (
    SELECT
        h.account_id,
        COUNT(DISTINCT CASE WHEN r.rate IS NOT NULL THEN h.customer_id END) AS customers,
        COUNT(DISTINCT CASE WHEN r.rate IS NULL THEN h.currency END) AS without_rate
    FROM held AS h
    LEFT JOIN rates AS r ON r.account_id = h.account_id AND r.currency = h.currency
    GROUP BY h.account_id
),

tried AS (
    SELECT
        account_id,
        SUM(
            CASE
                WHEN trial_start_at > $now - INTERVAL 30 DAY AND trial_start_at <= $now THEN 1
                ELSE 0
            END
        ) AS started,
        SUM(CASE WHEN ended_at > $now - INTERVAL 30 DAY AND ended_at <= $now THEN 1 ELSE 0 END)
            AS ended,
        SUM(
            CASE
                WHEN
                    ended_at > $now - INTERVAL 30 DAY AND ended_at <= $now AND outcome = 'converted'
                    THEN 1
                ELSE 0
            END
        ) AS converted
    FROM trials
    GROUP BY account_id
),

together AS (
    SELECT
        c.account_id,
        c.currency,
        -- Nothing has a rate: that is not 0.
        CASE
            WHEN d.customers = 0 AND d.without_rate > 0 THEN NULL ELSE COALESCE(m.mrr, 0)
        END AS mrr,
        COALESCE(m.mrr_before, 0) AS mrr_before,
        COALESCE(m.kept, 0) AS kept,
        COALESCE(s.active, 0) AS active,
        COALESCE(d.customers, 0) AS rated,
        COALESCE(d.without_rate, 0) AS without_rate,
        s.churned * 1.0 / NULLIF(s.active_before + s.new, 0) AS churn_rate,
        COALESCE(t.started, 0) AS started,
        COALESCE(t.ended, 0) AS ended,
        COALESCE(t.converted, 0) AS converted
    FROM reporting_currency AS c
    LEFT JOIN money AS m ON m.account_id = c.account_id
    LEFT JOIN subscribers AS s ON s.account_id = c.account_id
    LEFT JOIN rated AS d ON d.account_id = c.account_id
    LEFT JOIN tried AS t ON t.account_id = c.account_id
)

SELECT
    account_id,
    currency, -- The reporting currency, that all amounts are in
    CAST(mrr AS DECIMAL(38, 8)) AS mrr, -- In the reporting currency
    CAST(mrr * 12 AS DECIMAL(38, 8)) AS arr, -- MRR of twelve months
    active AS active_subscribers, -- Customers with MRR, each once
    mrr * 1.0 / NULLIF(rated, 0) AS arpu, -- MRR for each active subscriber in currencies with a rate
    mrr * 1.0 / NULLIF(rated, 0) / NULLIF(churn_rate, 0) AS ltv, -- arpu / subscriber_churn_rate_30d
    churn_rate AS subscriber_churn_rate_30d, -- Churned / (active 30 days ago + new since)
    -kept * 1.0 / NULLIF(mrr_before, 0) AS net_mrr_churn_rate_30d, -- (Churn and contraction less expansion and reactivation) / MRR 30 days ago
    started AS trials_started_30d, -- Trials that began in the last 30 days
    ended AS trials_ended_30d, -- Trials that ended
    converted AS trials_converted_30d, -- Those of them that became paying subscriptions
    converted * 1.0 / NULLIF(ended, 0) AS trial_conversion_rate_30d, -- Of the trials that ended
    without_rate AS currencies_without_rate -- So many currencies are not in the amounts
FROM together
