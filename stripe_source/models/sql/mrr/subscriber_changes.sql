-- When customers began to be subscribers, came back, and left: a subscriber is a customer with MRR,
-- in any currency, and counts once.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary (active subscriber)
--
-- grain: a time at which a customer became a subscriber or ceased to be one
-- key: customer_id, changed_at
-- one of: movement: new, reactivated, churned

SELECT
    account_id,
    customer_id, -- The customer
    changed_at, -- When it came or left
    subscriber_movement AS movement
FROM mrr_changes
WHERE subscriber_movement IS NOT NULL
