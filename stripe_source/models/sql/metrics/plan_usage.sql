-- Who uses which price, now: its subscriptions, subscribers, quantity and MRR.
--
-- grain: a price or plan
-- key: plan_id

WITH used AS (
    SELECT
        account_id,
        price_id,
        COUNT(DISTINCT CASE WHEN status IN ('active', 'past_due') THEN subscription_id END)
            AS subscriptions,
        COUNT(DISTINCT CASE WHEN mrr > 0 THEN customer_id END) AS subscribers,
        SUM(CASE WHEN status IN ('active', 'past_due') THEN quantity ELSE 0 END) AS quantity
    FROM mrr
    GROUP BY account_id, price_id
),

-- A price with amounts in several currencies is sold in each of them.
money AS (
    SELECT m.account_id, m.price_id, SUM(m.mrr) AS mrr
    FROM mrr AS m
    INNER JOIN plans AS p
        ON p.account_id = m.account_id AND p.plan_id = m.price_id AND p.currency = m.currency
    GROUP BY m.account_id, m.price_id
)

SELECT
    p.account_id,
    p.plan_id, -- The price's id, or the plan's
    p.product_id,
    d.name AS product_name,
    p.nickname,
    p.currency,
    p.unit_amount, -- For one unit in a period, in the currency's own unit
    p."interval",
    p.interval_count,
    p.usage_type,
    p.active,
    COALESCE(u.subscriptions, 0) AS active_subscriptions, -- Active or past due
    COALESCE(u.subscribers, 0) AS subscribers, -- Customers with MRR from it
    COALESCE(u.quantity, 0) AS quantity, -- Of the active subscriptions
    COALESCE(m.mrr, 0) AS mrr -- A month, in the price's currency, of what is sold in it
FROM plans AS p
LEFT JOIN raw.products AS d ON d._account_id = p.account_id AND d.id = p.product_id
LEFT JOIN used AS u ON u.account_id = p.account_id AND u.price_id = p.plan_id
LEFT JOIN money AS m ON m.account_id = p.account_id AND m.price_id = p.plan_id
WHERE p.type = 'recurring'
