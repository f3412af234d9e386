-- Each subscription item as the tables have it now, before it is priced.
--
-- grain: a subscription item
-- key: subscription_item_id
-- optional: customers

SELECT
    i._account_id AS account_id,
    i.id AS subscription_item_id,
    i.subscription_id,
    s.customer AS customer_id,
    i.price__id AS price_id,
    i.price__product AS product_id,
    s.currency, -- The subscription's
    COALESCE(i.quantity, 1) AS quantity, -- How many of the price; 1 where it has none
    CAST(NULL AS BIGINT) AS line_amount_minor, -- As in item_states
    CAST(NULL AS BIGINT) AS line_days, -- As in item_states
    s._updated_at AS valid_from, -- When it was read
    CAST(NULL AS TIMESTAMPTZ) AS valid_to, -- Null: still
    'now' AS source, -- Always now
    s.status, -- The subscription's
    s.status IN ('active', 'past_due')
    AND NOT ($mrr_churn_at = 'cancellation' AND COALESCE(s.cancel_at_period_end, FALSE))
    AND (i.current_trial__end_date IS NULL OR i.current_trial__end_date <= $now) AS counts, -- Whether it is in MRR, by status, trial and cancellation
    CAST(i.discounts AS VARCHAR) AS item_discounts, -- The ids of the item's discounts, in their order, as JSON
    COALESCE(
        CASE WHEN CAST(s.discounts AS VARCHAR) LIKE '%"%' THEN CAST(s.discounts AS VARCHAR) END,
        c.discount__id,
        ''
    ) AS subscription_discounts, -- Those of the subscription, else the customer's
    CASE
        WHEN CAST(i.tax_rates AS VARCHAR) LIKE '%txr_%' THEN CAST(i.tax_rates AS VARCHAR)
        ELSE COALESCE(CAST(s.default_tax_rates AS VARCHAR), '')
    END AS tax_rates -- The ids of the item's tax rates, else the subscription's, in JSON
FROM raw.subscription_items AS i
INNER JOIN raw.subscriptions AS s
    ON s._account_id = i._account_id AND s.id = i.subscription_id AND NOT s.is_deleted
LEFT JOIN raw.customers AS c ON c._account_id = s._account_id AND c.id = s.customer
WHERE NOT i.is_deleted
