-- When customers began to be subscribers, came back, and left: a subscriber is a customer with MRR,
-- in any currency, and counts once.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary (active subscriber)
--
-- grain: a time at which a customer became a subscriber or ceased to be one
-- key: customer_id, changed_at
-- one of: movement: new, reactivated, churned

WITH sums AS (
    -- Amounts of several currencies are added up for one question only: is there any?
    SELECT account_id, customer_id, changed_at, SUM(mrr_change) AS mrr_change
    FROM mrr_changes
    GROUP BY account_id, customer_id, changed_at
),

running AS (
    SELECT
        account_id,
        customer_id,
        changed_at,
        mrr_change,
        SUM(mrr_change) OVER (
            PARTITION BY account_id, customer_id ORDER BY changed_at
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS mrr_after,
        ROW_NUMBER() OVER (PARTITION BY account_id, customer_id ORDER BY changed_at) AS number
    FROM sums
)

SELECT
    account_id,
    customer_id,
    changed_at,
    CASE
        WHEN mrr_after = 0 THEN 'churned' WHEN number = 1 THEN 'new' ELSE 'reactivated'
    END AS movement
FROM running
WHERE (mrr_after = 0 AND mrr_change < 0) OR (mrr_after > 0 AND mrr_after = mrr_change)
