-- The cards of payment methods, with how the last charge was authenticated.
--
-- grain: a payment method that is a card
-- key: payment_method_id

WITH charges AS (
    SELECT
        h._account_id,
        h.payment_method,
        h.payment_method_details,
        h._updated_at,
        h._dlt_load_id,
        ROW_NUMBER() OVER (PARTITION BY h._account_id, h.payment_method ORDER BY h.created DESC, h.id DESC) AS newest
    FROM raw.charges AS h
    WHERE
        NOT h.is_deleted
        AND h.payment_method IS NOT NULL
),

methods AS (
    SELECT
        m._account_id,
        m.id,
        m.card__brand AS brand,
        m.card__funding AS funding,
        m.card__generated_from__charge AS charge,
        m.card__wallet__type AS wallet,
        m._updated_at,
        m._dlt_load_id
    FROM raw.payment_methods AS m
    WHERE
        m.type = 'card'
        AND NOT m.is_deleted
    UNION ALL
    SELECT
        h._account_id,
        h.payment_method,
        json_text(h.payment_method_details, 'card', 'brand'),
        json_text(h.payment_method_details, 'card', 'funding'),
        NULL,
        json_text(h.payment_method_details, 'card', 'wallet', 'type'),
        h._updated_at,
        h._dlt_load_id
    FROM charges AS h
    WHERE
        h.newest = 1
        AND LEFT(h.payment_method, 3) = 'pm_'
        AND json_text(h.payment_method_details, 'type') = 'card'
        AND NOT EXISTS (
            SELECT 1 FROM raw.payment_methods AS m WHERE m._account_id = h._account_id AND m.id = h.payment_method AND NOT m.is_deleted
        )
)

SELECT
    m.id AS payment_method_id,
    m.brand,
    m.funding,
    m.charge AS charge_id, -- The charge that it was made from
    json_text(h.payment_method_details, 'card', 'three_d_secure', 'authentication_flow') AS three_d_secure_authentication_flow,
    json_text(h.payment_method_details, 'card', 'three_d_secure', 'result') AS three_d_secure_result,
    json_text(h.payment_method_details, 'card', 'three_d_secure', 'result_reason') AS three_d_secure_result_reason,
    json_text(h.payment_method_details, 'card', 'three_d_secure', 'version') AS three_d_secure_version,
    'card' AS type,
    m.wallet AS wallet_type,
    utc(COALESCE(y.inserted_at, m._updated_at)) AS _fivetran_synced -- When it was loaded
FROM methods AS m
LEFT JOIN charges AS h
    ON h._account_id = m._account_id
    AND h.payment_method = m.id
    AND h.newest = 1
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = m._dlt_load_id
