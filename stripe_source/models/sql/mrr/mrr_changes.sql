-- Every change of a customer's MRR in one currency, with its kind. What changes at the same time is
-- added up, so that a customer who cancels two subscriptions one after the other contracts first and
-- churns then. Source: https://support.stripe.com (how MRR movements are classified), Sigma's template
-- "net MRR churn rate"; new is from nothing for the first time, reactivation from nothing later.
--
-- grain: a time at which a customer's MRR in a currency changed
-- key: customer_id, currency, changed_at
-- one of: movement: new, expansion, contraction, churn, reactivation
-- one of: source: event, observed, reconstructed
-- holds: mrr_before + mrr_change = mrr_after
-- holds: mrr_after >= 0

WITH comings AS (
    -- Each version comes with its MRR, and takes it away when it ends.
    SELECT
        v.account_id,
        v.customer_id,
        v.currency,
        CASE WHEN e.sign = 1 THEN v.valid_from ELSE v.valid_to END AS changed_at,
        v.source,
        v.mrr * e.sign AS mrr
    FROM subscription_item_versions AS v
    CROSS JOIN (VALUES (1), (-1)) AS e (sign)
    WHERE v.mrr > 0 AND (e.sign = 1 OR v.valid_to IS NOT NULL)
),

sums AS (
    SELECT
        account_id,
        customer_id,
        currency,
        changed_at,
        SUM(mrr) AS mrr_change,
        MIN(
            CASE source WHEN 'event' THEN 1 WHEN 'observed' THEN 2 ELSE 3 END
        ) AS best
    FROM comings
    GROUP BY account_id, customer_id, currency, changed_at
    HAVING SUM(mrr) <> 0
),

running AS (
    SELECT
        account_id,
        customer_id,
        currency,
        changed_at,
        best,
        mrr_change,
        SUM(mrr_change) OVER (
            PARTITION BY account_id, customer_id, currency ORDER BY changed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS mrr_after,
        ROW_NUMBER() OVER (
            PARTITION BY account_id, customer_id, currency ORDER BY changed_at
        ) AS number
    FROM sums
)

SELECT
    account_id,
    customer_id,
    currency,
    changed_at,
    CAST(mrr_after - mrr_change AS DECIMAL(38, 8)) AS mrr_before, -- In the currency's own unit
    CAST(mrr_change AS DECIMAL(38, 8)) AS mrr_change,
    CAST(mrr_after AS DECIMAL(38, 8)) AS mrr_after,
    CASE
        WHEN number = 1 THEN 'new'
        WHEN mrr_after = mrr_change THEN 'reactivation'
        WHEN mrr_after = 0 THEN 'churn'
        WHEN mrr_change > 0 THEN 'expansion'
        ELSE 'contraction'
    END AS movement,
    CASE best
        WHEN 1 THEN 'event' WHEN 2 THEN 'observed' ELSE 'reconstructed'
    END AS source -- How the change is known, by the best of what shows it
FROM running
