-- Plans, deleted ones too: prices as they were before there were prices.
--
-- grain: a plan
-- key: id

SELECT
    p.id,
    p.active,
    p.amount,
    p.currency,
    p."interval" AS "interval",
    p.interval_count,
    p.nickname,
    p.product AS product_id,
    p.livemode,
    CAST(NULL AS TEXT) AS aggregate_usage, -- REMOVED (Basil): legacy usage-based billing; plan.meter instead
    p.billing_scheme,
    utc(p.created) AS created,
    p.is_deleted,
    CAST(p.metadata AS TEXT) AS metadata,
    p.usage_type,
    utc(COALESCE(y.inserted_at, p._updated_at)) AS _fivetran_synced, -- When it was loaded
    p.trial_period_days
FROM raw.plans AS p
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = p._dlt_load_id
