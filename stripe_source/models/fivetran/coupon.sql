-- Coupons, deleted ones too: the discounts that they gave go on.
--
-- grain: a coupon
-- key: id

SELECT
    c.id,
    c.amount_off,
    c.currency,
    c.duration,
    c.duration_in_months,
    c.percent_off,
    c.livemode,
    utc(c.created) AS created,
    c.max_redemptions,
    CAST(c.metadata AS TEXT) AS metadata,
    c.name,
    utc(c.redeem_by) AS redeem_by,
    c.times_redeemed,
    c.valid,
    utc(COALESCE(y.inserted_at, c._updated_at)) AS _fivetran_synced -- When it was loaded
FROM raw.coupons AS c
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = c._dlt_load_id
