-- Discounts of subscriptions and of their items; one that was taken off has ended then.
--
-- grain: a discount of a subscription
-- key: id
-- optional: discounts

SELECT
    d.id,
    d.source__coupon AS coupon_id,
    d.customer AS customer_id,
    CAST(utc(COALESCE(d."end", d.deleted_at)) AS TEXT) AS "end",
    CAST(utc(d."start") AS TEXT) AS "start",
    COALESCE(d.subscription, i.subscription_id) AS subscription_id,
    d.checkout_session,
    d.invoice AS invoice_id,
    d.invoice_item AS invoice_item_id,
    utc(COALESCE(y.inserted_at, d._updated_at)) AS _fivetran_synced -- When it was loaded
FROM raw.discounts AS d
LEFT JOIN raw.subscription_items AS i
    ON i._account_id = d._account_id
    AND i.id = d.subscription_item
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = d._dlt_load_id
WHERE COALESCE(d.subscription, i.subscription_id) IS NOT NULL
