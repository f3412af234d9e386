-- Products, deleted ones too.
--
-- grain: a product
-- key: id

SELECT
    p.id,
    p.name,
    p.type,
    p.livemode,
    p.active,
    CAST(NULL AS TEXT) AS attributes, -- Legacy goods field, gone
    CAST(NULL AS TEXT) AS caption, -- Legacy goods field, gone
    utc(p.created) AS created,
    CAST(NULL AS TIMESTAMP) AS deactivate_on, -- Legacy goods field, gone
    p.description,
    CAST(p.images AS TEXT) AS images,
    p.is_deleted,
    p.shippable,
    p.statement_descriptor,
    p.unit_label,
    utc(p.updated) AS updated,
    p.url,
    utc(COALESCE(y.inserted_at, p._updated_at)) AS fivetran_synced -- When it was loaded
FROM raw.products AS p
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = p._dlt_load_id
