-- Customers, deleted ones too: of those deleted before the first sync an event may tell.
--
-- grain: a customer
-- key: id
-- optional: customers_history

WITH versions AS (
    SELECT
        h.*,
        ROW_NUMBER() OVER (
            PARTITION BY h._account_id, h.id ORDER BY h.valid_from DESC, h.version_order DESC, h.version_id DESC
        ) AS newest
    FROM raw.customers_history AS h
    WHERE NOT EXISTS (
        SELECT 1 FROM raw.customers AS c WHERE c._account_id = h._account_id AND c.id = h.id
    )
),

every_customer AS (
    SELECT
        c._account_id,
        c.id,
        c._dlt_load_id,
        c._updated_at,
        c.address__city,
        c.address__country,
        c.address__line1,
        c.address__line2,
        c.address__postal_code,
        c.address__state,
        c.balance,
        c.created,
        c.currency,
        c.default_source,
        c.delinquent,
        c.description,
        c.email,
        c.invoice_prefix,
        c.invoice_settings__default_payment_method,
        c.invoice_settings__footer,
        c.is_deleted,
        c.livemode,
        c.metadata,
        c.name,
        c.phone,
        c.shipping__address__city,
        c.shipping__address__country,
        c.shipping__address__line1,
        c.shipping__address__line2,
        c.shipping__address__postal_code,
        c.shipping__address__state,
        c.shipping__carrier,
        c.shipping__name,
        c.shipping__phone,
        c.shipping__tracking_number,
        c.tax_exempt
    FROM raw.customers AS c
    UNION ALL
    SELECT
        v._account_id,
        v.id,
        v._dlt_load_id,
        v._updated_at,
        v.address__city,
        v.address__country,
        v.address__line1,
        v.address__line2,
        v.address__postal_code,
        v.address__state,
        v.balance,
        v.created,
        v.currency,
        v.default_source,
        v.delinquent,
        v.description,
        v.email,
        v.invoice_prefix,
        v.invoice_settings__default_payment_method,
        v.invoice_settings__footer,
        v.is_deleted,
        v.livemode,
        v.metadata,
        v.name,
        v.phone,
        v.shipping__address__city,
        v.shipping__address__country,
        v.shipping__address__line1,
        v.shipping__address__line2,
        v.shipping__address__postal_code,
        v.shipping__address__state,
        v.shipping__carrier,
        v.shipping__name,
        v.shipping__phone,
        v.shipping__tracking_number,
        v.tax_exempt
    FROM versions AS v
    WHERE
        v.newest = 1
        AND v.is_deleted
)

SELECT
    c.id,
    c.balance AS account_balance,
    c.address__city AS address_city,
    c.address__country AS address_country,
    c.address__line1 AS address_line_1,
    c.address__line2 AS address_line_2,
    c.address__postal_code AS address_postal_code,
    c.address__state AS address_state,
    c.balance,
    CASE WHEN LEFT(c.default_source, 3) = 'ba_' THEN c.default_source END AS bank_account_id,
    utc(c.created) AS created,
    c.currency,
    CASE WHEN LEFT(c.default_source, 5) = 'card_' THEN c.default_source END AS default_card_id,
    c.delinquent,
    c.description,
    c.email,
    c.is_deleted,
    c.name,
    c.phone,
    c.shipping__address__city AS shipping_address_city,
    c.shipping__address__country AS shipping_address_country,
    c.shipping__address__line1 AS shipping_address_line_1,
    c.shipping__address__line2 AS shipping_address_line_2,
    c.shipping__address__postal_code AS shipping_address_postal_code,
    c.shipping__address__state AS shipping_address_state,
    c.shipping__name AS shipping_name,
    c.shipping__phone AS shipping_phone,
    c.livemode,
    CAST(c.metadata AS TEXT) AS metadata,
    utc(COALESCE(y.inserted_at, c._updated_at)) AS _fivetran_synced, -- When it was loaded
    c.invoice_prefix,
    c.invoice_settings__default_payment_method AS invoice_settings_default_payment_method,
    c.invoice_settings__footer AS invoice_settings_footer,
    c.shipping__carrier AS shipping_carrier,
    c.shipping__tracking_number AS shipping_tracking_number,
    CASE WHEN LEFT(c.default_source, 4) = 'src_' THEN c.default_source END AS source_id,
    c.tax_exempt,
    CAST(NULL AS TEXT) AS tax_info_tax_id, -- Customer.tax_info removed (2019); use tax_ids list
    CAST(NULL AS TEXT) AS tax_info_type, -- Customer.tax_info removed (2019); use tax_ids list
    CAST(NULL AS TEXT) AS tax_info_verification_status, -- Customer.tax_info removed (2019); use tax_ids list
    CAST(NULL AS TEXT) AS tax_info_verification_verified_name -- Customer.tax_info removed (2019); use tax_ids list
FROM every_customer AS c
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = c._dlt_load_id
