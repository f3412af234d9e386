-- Discounts of subscriptions and of their items; one that was taken off has ended then.
--
-- Stripe keeps no end of a discount that was taken off: it is when an event says so, or else the
-- first version of the subscription, or of its item, without it.
--
-- grain: a discount of a subscription
-- key: id
-- optional: discounts, discounts_history, subscriptions_history, subscription_items_history

WITH removals AS (
    SELECT
        h._account_id,
        h.id,
        MAX(h.deleted_at) AS removed_at
    FROM raw.discounts_history AS h
    GROUP BY
        h._account_id,
        h.id
),

owners AS (
    SELECT
        s._account_id,
        s.id,
        CAST(s.discounts AS TEXT) AS discounts_text,
        s._updated_at AS changed_at
    FROM raw.subscriptions AS s
    UNION ALL
    SELECT
        i._account_id,
        i.id,
        CASE WHEN i.is_deleted THEN '' ELSE CAST(i.discounts AS TEXT) END,
        i._updated_at
    FROM raw.subscription_items AS i
),

known AS (
    SELECT
        d._account_id,
        d.id,
        d.source__coupon,
        d.customer,
        d."start",
        LEAST(d."end", r.removed_at, d.deleted_at) AS ends,
        COALESCE(d.subscription, i.subscription_id) AS subscription,
        COALESCE(d.subscription_item, d.subscription) AS owner,
        COALESCE(s.discounts_text, '') NOT LIKE '%"' || d.id || '"%' AS is_off,
        s.changed_at,
        d.checkout_session,
        d.invoice,
        d.invoice_item,
        d._updated_at,
        d._dlt_load_id
    FROM raw.discounts AS d
    LEFT JOIN owners AS s
        ON s._account_id = d._account_id
        AND s.id = COALESCE(d.subscription_item, d.subscription)
    LEFT JOIN raw.subscription_items AS i
        ON i._account_id = d._account_id
        AND i.id = d.subscription_item
    LEFT JOIN removals AS r
        ON r._account_id = d._account_id
        AND r.id = d.id
),

versions AS (
    SELECT
        h._account_id,
        h.id AS owner,
        h.valid_from,
        CAST(h.discounts AS TEXT) AS discounts
    FROM raw.subscriptions_history AS h
    UNION ALL
    SELECT
        h._account_id,
        h.id,
        h.valid_from,
        CASE WHEN h.is_deleted THEN '' ELSE CAST(h.discounts AS TEXT) END
    FROM raw.subscription_items_history AS h
),

-- When its owner last had it, and the first version after that.
last_seen AS (
    SELECT
        k._account_id,
        k.id,
        v.owner,
        MAX(v.valid_from) AS seen_at
    FROM known AS k
    INNER JOIN versions AS v
        ON v._account_id = k._account_id
        AND v.owner = k.owner
        AND v.discounts LIKE '%"' || k.id || '"%'
    GROUP BY
        k._account_id,
        k.id,
        v.owner
),

missed AS (
    SELECT
        l._account_id,
        l.id,
        MIN(v.valid_from) AS missed_at
    FROM last_seen AS l
    INNER JOIN versions AS v
        ON v._account_id = l._account_id
        AND v.owner = l.owner
        AND v.valid_from > l.seen_at
    GROUP BY
        l._account_id,
        l.id
)

SELECT
    k.id,
    k.source__coupon AS coupon_id,
    k.customer AS customer_id,
    CAST(
        utc(DATE_TRUNC('second', COALESCE(k.ends, CASE WHEN k.is_off THEN COALESCE(m.missed_at, k.changed_at) END)))
        AS TEXT
    ) AS "end", -- When it ends, or was taken off
    CAST(utc(k."start") AS TEXT) AS "start",
    k.subscription AS subscription_id,
    k.checkout_session,
    k.invoice AS invoice_id,
    k.invoice_item AS invoice_item_id,
    utc(COALESCE(y.inserted_at, k._updated_at)) AS _fivetran_synced -- When it was loaded
FROM known AS k
LEFT JOIN missed AS m
    ON m._account_id = k._account_id
    AND m.id = k.id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = k._dlt_load_id
WHERE k.subscription IS NOT NULL
