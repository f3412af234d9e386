-- Items of subscriptions, as they are now: a price and how many of it.
--
-- What an item is worth a month is in mrr, and more about its price in plans.
--
-- grain: an item of a subscription
-- key: subscription_item_id
-- refers: subscription_id -> subscriptions.subscription_id

SELECT
    i._account_id AS account_id,
    i.id AS subscription_item_id,
    i.subscription_id,
    s.customer AS customer_id, -- The subscription's customer
    i.price__id AS price_id,
    i.price__product AS product_id,
    i._list_index AS position, -- Its place in the subscription, from 0
    s.status AS subscription_status, -- The subscription's status
    i.price__nickname AS price_nickname,
    i.price__recurring__usage_type AS usage_type, -- licensed, or metered: then it has no quantity
    i.price__recurring__interval AS "interval", -- day, week, month or year
    i.price__recurring__interval_count AS interval_count, -- How many intervals a billing period has
    i.price__billing_scheme AS billing_scheme,
    i.price__currency AS currency, -- The price's own; a subscription may be in another that the price has too
    i.quantity,
    major(i.price__unit_amount_decimal, i.price__currency) AS unit_amount, -- The price of one in a billing period; null for tiers
    i.price__unit_amount_decimal AS unit_amount_minor, -- The price of one in minor units, with fractions of them
    i.created AS created_at,
    i.current_period_start AS current_period_start_at,
    i.current_period_end AS current_period_end_at,
    i.metadata,
    i.is_deleted, -- Whether it is off the subscription again; such rows are here only with include_deleted
    i.deleted_at
FROM raw.subscription_items AS i
LEFT JOIN raw.subscriptions AS s
    ON s._account_id = i._account_id
    AND s.id = i.subscription_id
WHERE $include_deleted OR NOT i.is_deleted
