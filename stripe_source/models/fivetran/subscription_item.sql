-- Items of subscriptions, as they are now.
--
-- grain: an item of a subscription
-- key: id

SELECT
    i.id,
    utc(i.created) AS created,
    utc(i.current_period_end) AS current_period_end,
    utc(i.current_period_start) AS current_period_start,
    i.price__id AS plan_id,
    i.quantity,
    i.subscription_id,
    CAST(i.metadata AS TEXT) AS metadata,
    utc(COALESCE(y.inserted_at, i._updated_at)) AS _fivetran_synced -- When it was loaded
FROM raw.subscription_items AS i
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = i._dlt_load_id
WHERE NOT i.is_deleted
