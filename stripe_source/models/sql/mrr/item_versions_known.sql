-- What each subscription item was in every version of its subscription that is known, unpriced.
--
-- A version is as long as nothing changes of the item, of its subscription, and of the customer's own
-- discount, which is for subscriptions without one of their own.
--
-- grain: a version of a subscription item
-- key: subscription_item_id, valid_from
-- one of: source: event, observed
-- optional: subscription_items_history, customers_history

WITH versions AS (
    SELECT
        account_id,
        subscription_id,
        version_id,
        valid_from,
        valid_to,
        source,
        status,
        customer_id,
        currency,
        cancel_at_period_end,
        discounts,
        default_tax_rates
    FROM subscription_versions
),

item_rows AS (
    -- An event's version of an item belongs to the subscription's version of that event.
    SELECT
        h._account_id AS account_id,
        h.id AS subscription_item_id,
        h.subscription_id,
        h.valid_from,
        h.source,
        h.version_id,
        h.price__id AS price_id,
        h.price__product AS product_id,
        h.quantity,
        h.created,
        h.current_trial__end_date AS trial_end,
        CAST(h.discounts AS VARCHAR) AS discounts,
        CAST(h.tax_rates AS VARCHAR) AS tax_rates,
        1 AS present
    FROM raw.subscription_items_history AS h
    WHERE
        h.source <> 'event'
        OR EXISTS (
            SELECT 1 FROM versions AS v
            WHERE
                v.account_id = h._account_id
                AND v.subscription_id = h.subscription_id
                AND v.version_id = h.version_id
        )
),

item_begins AS (
    SELECT account_id, subscription_item_id, subscription_id, MIN(valid_from) AS begins
    FROM item_rows
    GROUP BY account_id, subscription_item_id, subscription_id
),

-- An event that shows a subscription without an item says that the item was removed by then.
absences AS (
    SELECT b.account_id, b.subscription_item_id, b.subscription_id, v.valid_from
    FROM item_begins AS b
    INNER JOIN versions AS v
        ON
            v.account_id = b.account_id
            AND v.subscription_id = b.subscription_id
            AND v.source = 'event'
            AND v.valid_from > b.begins
    WHERE NOT EXISTS (
        SELECT 1 FROM item_rows AS r
        WHERE
            r.account_id = b.account_id
            AND r.subscription_item_id = b.subscription_item_id
            AND r.version_id = v.version_id
    )
    UNION
    -- So does a sync that did not find it, where no event told.
    SELECT b.account_id, b.subscription_item_id, b.subscription_id, s._updated_at
    FROM item_begins AS b
    INNER JOIN raw.subscriptions AS s
        ON s._account_id = b.account_id AND s.id = b.subscription_id
    WHERE
        s._updated_at > b.begins
        AND NOT EXISTS (
            SELECT 1 FROM raw.subscription_items AS i
            WHERE
                i._account_id = b.account_id
                AND i.subscription_id = b.subscription_id
                AND i.id = b.subscription_item_id
                AND NOT i.is_deleted
        )
),

all_rows AS (
    SELECT
        account_id, subscription_item_id, subscription_id, valid_from, source, version_id,
        price_id, product_id, quantity, created, trial_end, discounts, tax_rates, present
    FROM item_rows
    UNION ALL
    -- Items without a history: what the table has is all that was ever observed.
    SELECT
        u._account_id, u.id, u.subscription_id, u._updated_at, 'observed', NULL,
        u.price__id, u.price__product, u.quantity, u.created, u.current_trial__end_date,
        CAST(u.discounts AS VARCHAR), CAST(u.tax_rates AS VARCHAR), 1
    FROM raw.subscription_items AS u
    WHERE
        NOT u.is_deleted
        AND NOT EXISTS (
            SELECT 1 FROM item_begins AS b
            WHERE b.account_id = u._account_id AND b.subscription_item_id = u.id
        )
    UNION ALL
    SELECT
        account_id, subscription_item_id, subscription_id, valid_from, '', NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0
    FROM absences
),

ranked AS (
    SELECT
        account_id, subscription_item_id, subscription_id, valid_from, source,
        price_id, product_id, quantity, created, trial_end, discounts, tax_rates, present,
        LEAD(valid_from) OVER (
            PARTITION BY subscription_item_id
            ORDER BY valid_from, present, source DESC, version_id DESC
        ) AS valid_to
    FROM all_rows
),

items AS (
    SELECT
        account_id, subscription_item_id, subscription_id, valid_from, source,
        price_id, product_id, quantity, created, trial_end, discounts, tax_rates, present, valid_to
    FROM ranked
    WHERE valid_to IS NULL OR valid_to > valid_from
),

known AS (
    SELECT
        v.account_id,
        i.subscription_item_id,
        v.subscription_id,
        v.customer_id,
        i.price_id,
        i.product_id,
        v.currency,
        i.quantity,
        CASE WHEN i.valid_from > v.valid_from THEN i.valid_from ELSE v.valid_from END AS valid_from,
        CASE
            WHEN v.valid_to IS NULL OR i.valid_to < v.valid_to THEN i.valid_to ELSE v.valid_to
        END AS valid_to,
        CASE WHEN i.valid_from > v.valid_from THEN i.source ELSE v.source END AS source,
        v.status,
        v.status IN ('active', 'past_due')
        AND NOT ($mrr_churn_at = 'cancellation' AND v.cancel_at_period_end)
        AND (i.trial_end IS NULL OR i.trial_end <= v.valid_from) AS counts,
        i.created,
        i.discounts AS item_discounts,
        v.discounts AS subscription_discounts,
        CASE WHEN i.tax_rates LIKE '%txr_%' THEN i.tax_rates ELSE v.default_tax_rates END AS tax_rates
    FROM versions AS v
    INNER JOIN items AS i
        ON
            i.account_id = v.account_id
            AND i.subscription_id = v.subscription_id
            AND i.present = 1
            AND (v.valid_to IS NULL OR i.valid_from < v.valid_to)
            AND (i.valid_to IS NULL OR i.valid_to > v.valid_from)
),

-- When the customer's own discount changed; it is for subscriptions without one of their own.
customer_versions AS (
    SELECT
        h._account_id,
        h.id,
        h.valid_from,
        h.discount__id,
        LAG(h.discount__id) OVER (
            PARTITION BY h._account_id, h.id ORDER BY h.valid_from, h.version_order
        ) AS before,
        ROW_NUMBER() OVER (
            PARTITION BY h._account_id, h.id ORDER BY h.valid_from, h.version_order
        ) AS number
    FROM raw.customers_history AS h
    WHERE EXISTS (
        SELECT 1 FROM raw.customers_history AS d
        WHERE d._account_id = h._account_id AND d.id = h.id AND d.discount__id IS NOT NULL
    )
),

customer_discounts AS (
    SELECT
        _account_id AS account_id,
        id AS customer_id,
        valid_from,
        LEAD(valid_from) OVER (PARTITION BY _account_id, id ORDER BY valid_from, number) AS valid_to,
        number,
        discount__id AS discount_id
    FROM customer_versions
    WHERE number = 1 OR discount__id IS DISTINCT FROM before
),

with_customer_discounts AS (
    SELECT
        k.account_id,
        k.subscription_item_id,
        k.subscription_id,
        k.customer_id,
        k.price_id,
        k.product_id,
        k.currency,
        k.quantity,
        k.created,
        CASE
            WHEN d.number > 1 AND d.valid_from > k.valid_from THEN d.valid_from ELSE k.valid_from
        END AS valid_from,
        CASE
            WHEN d.valid_to IS NOT NULL AND (k.valid_to IS NULL OR d.valid_to < k.valid_to)
                THEN d.valid_to
            ELSE k.valid_to
        END AS valid_to,
        k.source,
        k.status,
        k.counts,
        k.tax_rates,
        k.item_discounts,
        COALESCE(
            CASE WHEN k.subscription_discounts LIKE '%"%' THEN k.subscription_discounts END,
            d.discount_id,
            ''
        ) AS subscription_discounts
    FROM known AS k
    LEFT JOIN customer_discounts AS d
        ON
            d.account_id = k.account_id
            AND d.customer_id = k.customer_id
            AND (d.number = 1 OR k.valid_to IS NULL OR d.valid_from < k.valid_to)
            AND (d.valid_to IS NULL OR d.valid_to > k.valid_from)
)

SELECT
    account_id,
    subscription_item_id, -- The subscription item
    subscription_id, -- The subscription that it is of
    customer_id, -- The subscription's customer
    price_id, -- The price that it has
    product_id, -- The price's product
    currency, -- The subscription's
    COALESCE(quantity, 1) AS quantity, -- How many of the price; 1 where it has none
    created AS item_created_at, -- When the item was added
    valid_from, -- When the version began
    valid_to, -- Null: still
    source, -- event or observed
    status, -- The subscription's
    counts, -- Whether it is in MRR, by status, trial and cancellation
    item_discounts, -- The ids of the item's discounts, in their order, as JSON
    subscription_discounts, -- Those of the subscription, else the customer's
    COALESCE(tax_rates, '') AS tax_rates -- The ids of the item's tax rates, else the subscription's, in JSON
FROM with_customer_discounts
WHERE valid_to IS NULL OR valid_to > valid_from
