-- Every change of a customer's MRR in one currency, with its kind. What changes at the same time is
-- added up, so that a customer who cancels two subscriptions one after the other contracts first and
-- churns then. Source: https://support.stripe.com (how MRR movements are classified), Sigma's template
-- "net MRR churn rate"; new is from nothing for the first time, reactivation from nothing later.
--
-- grain: a time at which a customer's MRR in a currency changed
-- key: customer_id, currency, changed_at
-- one of: movement: new, expansion, contraction, churn, reactivation
-- one of: subscriber_movement: new, reactivated, churned
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
        v.mrr * e.sign AS mrr,
        e.sign
    FROM subscription_item_versions AS v
    CROSS JOIN (VALUES (1), (-1)) AS e (sign)
    WHERE e.sign = 1 OR (v.mrr > 0 AND v.valid_to IS NOT NULL)
),

sums AS (
    SELECT
        account_id,
        customer_id,
        currency,
        changed_at,
        SUM(mrr) AS mrr_change,
        -- What begins tells how the change is known; where nothing does, what ends.
        MIN(
            CASE source WHEN 'event' THEN 1 WHEN 'observed' THEN 2 ELSE 3 END
            + CASE WHEN sign = 1 THEN 0 ELSE 3 END
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
        ) AS number,
        -- Amounts of several currencies are added up for one question only: are there any?
        SUM(mrr_change) OVER (
            PARTITION BY account_id, customer_id ORDER BY changed_at
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS total_after,
        SUM(mrr_change) OVER (PARTITION BY account_id, customer_id, changed_at) AS total_change,
        ROW_NUMBER() OVER (
            PARTITION BY account_id, customer_id, changed_at ORDER BY currency
        ) AS nth,
        MIN(changed_at) OVER (PARTITION BY account_id, customer_id) AS first_at
    FROM sums
)

SELECT
    account_id,
    customer_id, -- The customer
    currency, -- Of the MRR
    changed_at, -- When it changed
    first_at AS customer_since, -- When the customer's first MRR began, in any currency
    CAST(mrr_after - mrr_change AS DECIMAL(38, 8)) AS mrr_before, -- In the currency's own unit
    CAST(mrr_change AS DECIMAL(38, 8)) AS mrr_change, -- Below 0 where it fell
    CAST(mrr_after AS DECIMAL(38, 8)) AS mrr_after, -- mrr_before + mrr_change
    CASE
        WHEN number = 1 THEN 'new'
        WHEN mrr_after = mrr_change THEN 'reactivation'
        WHEN mrr_after = 0 THEN 'churn'
        WHEN mrr_change > 0 THEN 'expansion'
        ELSE 'contraction'
    END AS movement, -- What kind of change it is
    CASE
        WHEN nth > 1 THEN NULL
        WHEN total_after = 0 AND total_change < 0 THEN 'churned'
        WHEN total_after > 0 AND total_after = total_change AND changed_at = first_at THEN 'new'
        WHEN total_after > 0 AND total_after = total_change THEN 'reactivated'
    END AS subscriber_movement, -- Whether the customer became a subscriber, came back or left by it, in all currencies
    CASE
        WHEN best IN (1, 4) THEN 'event' WHEN best IN (2, 5) THEN 'observed' ELSE 'reconstructed'
    END AS source -- How the change is known
FROM running
