-- Payment methods: those of customers, and those that only a charge tells of.
--
-- Stripe lists what is attached to a customer. Of what paid once and was never attached, the last
-- charge has the type and the billing details.
--
-- grain: a payment method
-- key: id

WITH charges AS (
    SELECT
        h.*,
        ROW_NUMBER() OVER (PARTITION BY h._account_id, h.payment_method ORDER BY h.created DESC, h.id DESC) AS newest
    FROM raw.charges AS h
    WHERE
        NOT h.is_deleted
        AND LEFT(h.payment_method, 3) = 'pm_'
        AND NOT EXISTS (
            SELECT 1 FROM raw.payment_methods AS m WHERE m._account_id = h._account_id AND m.id = h.payment_method AND NOT m.is_deleted
        )
),

methods AS (
    SELECT
        m._account_id,
        m.id,
        m.type,
        m.livemode,
        m.created,
        m.customer,
        m.metadata,
        m.billing_details__address__city,
        m.billing_details__address__country,
        m.billing_details__address__line1,
        m.billing_details__address__line2,
        m.billing_details__address__postal_code,
        m.billing_details__address__state,
        m.billing_details__email,
        m.billing_details__name,
        m.billing_details__phone,
        m._updated_at,
        m._dlt_load_id
    FROM raw.payment_methods AS m
    WHERE NOT m.is_deleted
    UNION ALL
    SELECT
        h._account_id,
        h.payment_method,
        json_text(h.payment_method_details, 'type'),
        h.livemode,
        NULL,
        h.customer,
        NULL,
        h.billing_details__address__city,
        h.billing_details__address__country,
        h.billing_details__address__line1,
        h.billing_details__address__line2,
        h.billing_details__address__postal_code,
        h.billing_details__address__state,
        h.billing_details__email,
        h.billing_details__name,
        h.billing_details__phone,
        h._updated_at,
        h._dlt_load_id
    FROM charges AS h
    WHERE h.newest = 1
)

SELECT
    m.id,
    m.type,
    m.livemode,
    utc(m.created) AS created,
    m.customer AS customer_id,
    CAST(m.metadata AS TEXT) AS metadata,
    utc(COALESCE(y.inserted_at, m._updated_at)) AS _fivetran_synced, -- When it was loaded
    m.billing_details__address__city AS billing_detail_address_city,
    m.billing_details__address__country AS billing_detail_address_country,
    m.billing_details__address__line1 AS billing_detail_address_line_1,
    m.billing_details__address__line2 AS billing_detail_address_line_2,
    m.billing_details__address__postal_code AS billing_detail_address_postal_code,
    m.billing_details__address__state AS billing_detail_address_state,
    m.billing_details__email AS billing_detail_email,
    m.billing_details__name AS billing_detail_name,
    m.billing_details__phone AS billing_detail_phone
FROM methods AS m
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = m._dlt_load_id
