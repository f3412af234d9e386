-- Customers, deleted ones too.
--
-- grain: a customer
-- key: id

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
FROM raw.customers AS c
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = c._dlt_load_id
