-- Accounts: the key's own, and those that are connected to it.
--
-- grain: an account
-- key: id
-- optional: accounts

WITH every_account AS (
    SELECT
        a.id,
        a.company__name,
        a.country,
        a.business_profile__mcc,
        a.business_profile__name,
        a.business_type,
        a.charges_enabled,
        a.company__address__city,
        a.company__address__country,
        a.company__address__line1,
        a.company__address__line2,
        a.company__address__postal_code,
        a.company__address__state,
        a.company__phone,
        a.created,
        a.default_currency,
        a.email,
        a.metadata,
        a.payouts_enabled,
        a.type,
        a.details_submitted,
        a.is_deleted,
        a._updated_at,
        a._dlt_load_id
    FROM raw.account AS a
    UNION ALL
    SELECT
        a.id,
        a.company__name,
        a.country,
        a.business_profile__mcc,
        a.business_profile__name,
        a.business_type,
        a.charges_enabled,
        a.company__address__city,
        a.company__address__country,
        a.company__address__line1,
        a.company__address__line2,
        a.company__address__postal_code,
        a.company__address__state,
        a.company__phone,
        a.created,
        a.default_currency,
        a.email,
        a.metadata,
        a.payouts_enabled,
        a.type,
        a.details_submitted,
        a.is_deleted,
        a._updated_at,
        a._dlt_load_id
    FROM raw.accounts AS a
    WHERE NOT EXISTS (SELECT 1 FROM raw.account AS own WHERE own.id = a.id)
)

SELECT
    a.id,
    a.company__name AS company_name,
    a.country,
    a.business_profile__mcc AS business_profile_mcc,
    a.business_profile__name AS business_profile_name,
    a.business_type,
    a.charges_enabled,
    a.company__address__city AS company_address_city,
    a.company__address__country AS company_address_country,
    a.company__address__line1 AS company_address_line_1,
    a.company__address__line2 AS company_address_line_2,
    a.company__address__postal_code AS company_address_postal_code,
    a.company__address__state AS company_address_state,
    a.company__phone AS company_phone,
    utc(a.created) AS created,
    a.default_currency,
    a.email,
    a.is_deleted,
    CAST(a.metadata AS TEXT) AS metadata,
    a.payouts_enabled,
    a.type,
    utc(COALESCE(y.inserted_at, a._updated_at)) AS _fivetran_synced, -- When it was loaded
    a.details_submitted
FROM every_account AS a
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = a._dlt_load_id
