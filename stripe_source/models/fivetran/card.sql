-- Cards: those of customers and for payouts, and those that payment methods and charges tell of.
--
-- A charge by a payment method has no card of its own any more: the payment method stands for it,
-- and its id is in charge.card_id. What is not attached to a customer is in no list; of that the
-- last charge has the details.
--
-- grain: a card
-- key: id
-- optional: account_external_accounts

WITH charges AS (
    SELECT
        h.*,
        ROW_NUMBER() OVER (PARTITION BY h._account_id, h.payment_method ORDER BY h.created DESC, h.id DESC) AS newest
    FROM raw.charges AS h
    WHERE
        NOT h.is_deleted
        AND h.payment_method IS NOT NULL
        AND json_text(h.payment_method_details, 'type') = 'card'
        AND NOT EXISTS (
            SELECT 1 FROM raw.payment_methods AS m WHERE m._account_id = h._account_id AND m.id = h.payment_method AND NOT m.is_deleted
        )
        AND NOT EXISTS (
            SELECT 1 FROM raw.customer_sources AS s WHERE s._account_id = h._account_id AND s.id = h.payment_method AND NOT s.is_deleted
        )
),

cards AS (
    SELECT
        s._account_id,
        s.id,
        s.address_city,
        s.address_country,
        s.address_line1,
        s.address_line2,
        s.address_state,
        s.address_zip,
        s.brand,
        s.country,
        s.funding,
        s.account,
        s.customer_id AS customer,
        s.name,
        s.tokenization_method,
        CAST(s.metadata AS TEXT) AS metadata,
        s._updated_at,
        s._dlt_load_id
    FROM raw.customer_sources AS s
    WHERE
        s.object = 'card'
        AND NOT s.is_deleted
    UNION ALL
    SELECT
        e._account_id,
        e.id,
        e.address_city,
        e.address_country,
        e.address_line1,
        e.address_line2,
        e.address_state,
        e.address_zip,
        e.brand,
        e.country,
        e.funding,
        e.account_id,
        e.customer,
        e.name,
        e.tokenization_method,
        CAST(e.metadata AS TEXT),
        e._updated_at,
        e._dlt_load_id
    FROM raw.account_external_accounts AS e
    WHERE
        e.object = 'card'
        AND NOT e.is_deleted
    UNION ALL
    SELECT
        m._account_id,
        m.id,
        m.billing_details__address__city,
        m.billing_details__address__country,
        m.billing_details__address__line1,
        m.billing_details__address__line2,
        m.billing_details__address__state,
        m.billing_details__address__postal_code,
        m.card__brand,
        m.card__country,
        m.card__funding,
        NULL,
        m.customer,
        m.billing_details__name,
        m.card__wallet__type,
        CAST(m.metadata AS TEXT),
        m._updated_at,
        m._dlt_load_id
    FROM raw.payment_methods AS m
    WHERE
        m.type = 'card'
        AND NOT m.is_deleted
        AND NOT EXISTS (
            SELECT 1 FROM raw.customer_sources AS s WHERE s._account_id = m._account_id AND s.id = m.id AND NOT s.is_deleted
        )
    UNION ALL
    SELECT
        h._account_id,
        h.payment_method,
        h.billing_details__address__city,
        h.billing_details__address__country,
        h.billing_details__address__line1,
        h.billing_details__address__line2,
        h.billing_details__address__state,
        h.billing_details__address__postal_code,
        json_text(h.payment_method_details, 'card', 'brand'),
        json_text(h.payment_method_details, 'card', 'country'),
        json_text(h.payment_method_details, 'card', 'funding'),
        NULL,
        h.customer,
        h.billing_details__name,
        json_text(h.payment_method_details, 'card', 'wallet', 'type'),
        NULL,
        h._updated_at,
        h._dlt_load_id
    FROM charges AS h
    WHERE h.newest = 1
)

SELECT
    c.id,
    c.address_city,
    c.address_country,
    c.address_line1 AS address_line_1,
    c.address_line2 AS address_line_2,
    c.address_state,
    c.address_zip,
    c.brand,
    c.country,
    c.funding,
    c.account AS account_id,
    CAST(NULL AS TIMESTAMP) AS created, -- Card has no created
    c.customer AS customer_id,
    c.name,
    CAST(NULL AS TEXT) AS recipient, -- Recipient removed from API
    c.tokenization_method AS wallet_type,
    utc(COALESCE(y.inserted_at, c._updated_at)) AS _fivetran_synced, -- When it was loaded
    c.metadata
FROM cards AS c
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = c._dlt_load_id
