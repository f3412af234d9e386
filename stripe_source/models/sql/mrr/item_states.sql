-- What each subscription item was, and since when, before it is priced: the known versions, what
-- invoice lines tell of the time before, and, in rows of their own, what the tables have now.
--
-- grain: a version of a subscription item
-- key: subscription_item_id, valid_from, is_now
-- one of: source: event, observed, reconstructed, now
-- optional: customers

WITH current_items AS (
    SELECT
        i._account_id AS account_id,
        i.id AS subscription_item_id,
        i.subscription_id,
        s.customer AS customer_id,
        i.price__id AS price_id,
        i.price__product AS product_id,
        s.currency,
        i.quantity,
        s._updated_at AS valid_from,
        s.status,
        s.status IN ('active', 'past_due')
        AND NOT ($mrr_churn_at = 'cancellation' AND COALESCE(s.cancel_at_period_end, FALSE))
        AND (i.current_trial__end_date IS NULL OR i.current_trial__end_date <= $now) AS counts,
        CAST(i.discounts AS VARCHAR) AS item_discounts,
        COALESCE(
            CASE
                WHEN CAST(s.discounts AS VARCHAR) LIKE '%"%' THEN CAST(s.discounts AS VARCHAR)
            END,
            c.discount__id,
            ''
        ) AS subscription_discounts
    FROM raw.subscription_items AS i
    INNER JOIN raw.subscriptions AS s
        ON s._account_id = i._account_id AND s.id = i.subscription_id AND NOT s.is_deleted
    LEFT JOIN raw.customers AS c ON c._account_id = s._account_id AND c.id = s.customer
    WHERE NOT i.is_deleted
)

SELECT
    account_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    price_id,
    product_id,
    currency, -- The subscription's
    quantity,
    CAST(NULL AS BIGINT) AS line_amount_minor, -- What lines charged for a whole period
    CAST(NULL AS BIGINT) AS line_days, -- And for how many days
    valid_from,
    valid_to, -- Null: still
    source, -- event, observed, reconstructed or now
    status, -- The subscription's
    counts, -- Whether it is in MRR, by status, trial and cancellation
    item_discounts, -- The ids of the item's discounts, in their order, as JSON
    subscription_discounts, -- Those of the subscription, else the customer's
    FALSE AS is_now -- Whether this is the item as it is in the tables
FROM item_versions_known
UNION ALL
SELECT
    account_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    price_id,
    product_id,
    currency,
    quantity,
    line_amount_minor,
    line_days,
    valid_from,
    valid_to,
    'reconstructed',
    status,
    status = 'active',
    '',
    discounts,
    FALSE
FROM item_versions_reconstructed
UNION ALL
SELECT
    account_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    price_id,
    product_id,
    currency,
    COALESCE(quantity, 1),
    CAST(NULL AS BIGINT),
    CAST(NULL AS BIGINT),
    valid_from,
    CAST(NULL AS TIMESTAMPTZ),
    'now',
    status,
    counts,
    item_discounts,
    subscription_discounts,
    TRUE
FROM current_items
