-- Who uses which product, now: its subscriptions, subscribers, quantity and MRR in each currency.
--
-- grain: a product in a currency
-- key: product_id, currency

SELECT
    m.account_id,
    m.product_id, -- The product
    m.currency, -- Of the subscriptions
    MAX(p.name) AS product_name, -- The product's name
    COUNT(DISTINCT CASE WHEN m.status IN ('active', 'past_due') THEN m.subscription_id END)
        AS active_subscriptions, -- Active or past due
    COUNT(DISTINCT CASE WHEN m.mrr > 0 THEN m.customer_id END) AS subscribers, -- Customers with MRR from it
    SUM(CASE WHEN m.status IN ('active', 'past_due') THEN m.quantity ELSE 0 END) AS quantity, -- Of the active subscriptions
    SUM(m.mrr) AS mrr -- A month, in the currency's own unit
FROM mrr AS m
LEFT JOIN raw.products AS p ON p._account_id = m.account_id AND p.id = m.product_id
WHERE m.product_id IS NOT NULL
GROUP BY m.account_id, m.product_id, m.currency
