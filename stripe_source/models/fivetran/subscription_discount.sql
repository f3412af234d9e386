-- Discounts of subscriptions and of their items; one that was taken off has ended then.
--
-- Stripe keeps no end of a discount that was taken off: it is when an event says so, or else when a
-- sync found the subscription without it.
--
-- grain: a discount of a subscription
-- key: id
-- optional: discounts, discounts_history

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

known AS (
    SELECT
        d._account_id,
        d.id,
        d.source__coupon,
        d.customer,
        d."start",
        LEAST(d."end", r.removed_at, d.deleted_at) AS ends,
        COALESCE(d.subscription, i.subscription_id) AS subscription,
        CASE WHEN i.is_deleted THEN NULL ELSE i.discounts END AS item_discounts,
        d.checkout_session,
        d.invoice,
        d.invoice_item,
        d._updated_at,
        d._dlt_load_id
    FROM raw.discounts AS d
    LEFT JOIN raw.subscription_items AS i
        ON i._account_id = d._account_id
        AND i.id = d.subscription_item
    LEFT JOIN removals AS r
        ON r._account_id = d._account_id
        AND r.id = d.id
)

SELECT
    k.id,
    k.source__coupon AS coupon_id,
    k.customer AS customer_id,
    CAST(
        utc(
            COALESCE(
                k.ends,
                CASE
                    WHEN
                        COALESCE(CAST(s.discounts AS TEXT), '') NOT LIKE '%"' || k.id || '"%'
                        AND COALESCE(CAST(k.item_discounts AS TEXT), '') NOT LIKE '%"' || k.id || '"%'
                        THEN s._updated_at
                END
            )
        ) AS TEXT
    ) AS "end", -- When it ends, or was taken off
    CAST(utc(k."start") AS TEXT) AS "start",
    k.subscription AS subscription_id,
    k.checkout_session,
    k.invoice AS invoice_id,
    k.invoice_item AS invoice_item_id,
    utc(COALESCE(y.inserted_at, k._updated_at)) AS _fivetran_synced -- When it was loaded
FROM known AS k
LEFT JOIN raw.subscriptions AS s
    ON s._account_id = k._account_id
    AND s.id = k.subscription
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = k._dlt_load_id
WHERE k.subscription IS NOT NULL
