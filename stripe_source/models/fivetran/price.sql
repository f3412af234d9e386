-- Prices, deleted ones too.
--
-- grain: a price
-- key: id

SELECT
    p.id,
    p.active,
    p.currency,
    p.nickname,
    p.product AS product_id,
    p.recurring__interval AS recurring_interval,
    p.recurring__interval_count AS recurring_interval_count,
    p.unit_amount,
    p.livemode,
    p.billing_scheme,
    utc(p.created) AS created,
    p.is_deleted,
    CAST(p.metadata AS TEXT) AS metadata,
    CAST(NULL AS TEXT) AS recurring_aggregate_usage, -- REMOVED (Basil); recurring.meter instead
    p.recurring__usage_type AS recurring_usage_type,
    utc(COALESCE(y.inserted_at, p._updated_at)) AS _fivetran_synced, -- When it was loaded
    plain(p.unit_amount_decimal) AS unit_amount_decimal
FROM raw.prices AS p
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = p._dlt_load_id
