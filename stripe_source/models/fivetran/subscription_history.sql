-- Every version of a subscription that is known: of events, and of syncs that found it otherwise.
--
-- Of several versions in one moment the last one counts. A subscription without a history has one
-- version, the one that the table has. The billing period is that of its items in that version.
--
-- grain: a version of a subscription
-- key: id, _fivetran_start
-- optional: subscriptions_history, subscription_items_history

WITH known AS (
    SELECT
        h._account_id,
        h.id,
        h.version_id,
        h.source,
        h.valid_from,
        h.is_deleted,
        h.deleted_at,
        h._updated_at,
        h._dlt_load_id,
        h.collection_method,
        h.billing_cycle_anchor,
        h.cancel_at,
        h.cancel_at_period_end,
        h.canceled_at,
        h.created,
        h.customer,
        h.days_until_due,
        h.ended_at,
        h.latest_invoice,
        h.start_date,
        h.status,
        h.livemode,
        h.default_payment_method,
        h.metadata,
        h.pause_collection__behavior,
        h.pause_collection__resumes_at,
        h.pending_setup_intent,
        h.application_fee_percent,
        h.billing_thresholds__amount_gte,
        h.billing_thresholds__reset_billing_cycle_anchor,
        h.default_source,
        h.trial_end,
        h.trial_start,
        LEAD(h.valid_from) OVER (
            PARTITION BY h._account_id, h.id ORDER BY h.valid_from, h.version_order, h.version_id
        ) AS next_at
    FROM raw.subscriptions_history AS h
),

item_rows AS (
    SELECT
        i._account_id,
        i.version_id,
        i.current_period_start,
        i.current_period_end,
        i.quantity
    FROM raw.subscription_items_history AS i
    WHERE i.source = 'event'
    UNION ALL
    -- An observed version has the items as they were known then: each is noted when it changes.
    SELECT
        o._account_id,
        o.version_id,
        o.current_period_start,
        o.current_period_end,
        o.quantity
    FROM (
        SELECT
            k._account_id,
            k.version_id,
            i.current_period_start,
            i.current_period_end,
            i.quantity,
            i.is_deleted,
            ROW_NUMBER() OVER (
                PARTITION BY k._account_id, k.version_id, i.id
                ORDER BY i.valid_from DESC, i.version_order DESC, i.version_id DESC
            ) AS newest
        FROM known AS k
        INNER JOIN raw.subscription_items_history AS i
            ON i._account_id = k._account_id
            AND i.subscription_id = k.id
            AND i.valid_from <= k.valid_from
        WHERE k.source <> 'event'
    ) AS o
    WHERE
        o.newest = 1
        AND NOT o.is_deleted
),

version_items AS (
    SELECT
        i._account_id,
        i.version_id,
        MIN(i.current_period_start) AS period_start,
        MAX(i.current_period_end) AS period_end,
        CAST(SUM(i.quantity) AS BIGINT) AS quantity
    FROM item_rows AS i
    GROUP BY
        i._account_id,
        i.version_id
),

current_items AS (
    SELECT
        i._account_id,
        i.subscription_id,
        MIN(i.current_period_start) AS period_start,
        MAX(i.current_period_end) AS period_end,
        CAST(SUM(i.quantity) AS BIGINT) AS quantity
    FROM raw.subscription_items AS i
    WHERE NOT i.is_deleted
    GROUP BY
        i._account_id,
        i.subscription_id
),

versions AS (
    SELECT
        k._account_id,
        k.id,
        k.valid_from,
        k.next_at,
        k._updated_at,
        k._dlt_load_id,
        k.collection_method,
        k.billing_cycle_anchor,
        k.cancel_at,
        k.cancel_at_period_end,
        k.canceled_at,
        k.created,
        k.customer,
        k.days_until_due,
        k.ended_at,
        k.latest_invoice,
        k.start_date,
        k.status,
        k.livemode,
        k.default_payment_method,
        k.metadata,
        k.pause_collection__behavior,
        k.pause_collection__resumes_at,
        k.pending_setup_intent,
        k.application_fee_percent,
        k.billing_thresholds__amount_gte,
        k.billing_thresholds__reset_billing_cycle_anchor,
        k.default_source,
        k.trial_end,
        k.trial_start,
        COALESCE(s.is_deleted, k.is_deleted) AS gone,
        COALESCE(s.deleted_at, k.deleted_at) AS deleted_at,
        COALESCE(c.period_start, i.period_start) AS period_start,
        COALESCE(c.period_end, i.period_end) AS period_end,
        COALESCE(c.quantity, i.quantity) AS quantity
    FROM known AS k
    LEFT JOIN version_items AS i
        ON i._account_id = k._account_id
        AND i.version_id = k.version_id
    LEFT JOIN current_items AS c
        ON c._account_id = k._account_id
        AND c.subscription_id = k.id
        AND k.next_at IS NULL
    LEFT JOIN raw.subscriptions AS s
        ON s._account_id = k._account_id
        AND s.id = k.id
    WHERE k.next_at IS NULL OR k.next_at > k.valid_from
    UNION ALL
    SELECT
        s._account_id,
        s.id,
        s._updated_at,
        NULL,
        s._updated_at,
        s._dlt_load_id,
        s.collection_method,
        s.billing_cycle_anchor,
        s.cancel_at,
        s.cancel_at_period_end,
        s.canceled_at,
        s.created,
        s.customer,
        s.days_until_due,
        s.ended_at,
        s.latest_invoice,
        s.start_date,
        s.status,
        s.livemode,
        s.default_payment_method,
        s.metadata,
        s.pause_collection__behavior,
        s.pause_collection__resumes_at,
        s.pending_setup_intent,
        s.application_fee_percent,
        s.billing_thresholds__amount_gte,
        s.billing_thresholds__reset_billing_cycle_anchor,
        s.default_source,
        s.trial_end,
        s.trial_start,
        FALSE,
        NULL,
        i.period_start,
        i.period_end,
        i.quantity
    FROM raw.subscriptions AS s
    LEFT JOIN current_items AS i
        ON i._account_id = s._account_id
        AND i.subscription_id = s.id
    WHERE
        NOT s.is_deleted
        AND NOT EXISTS (SELECT 1 FROM known AS k WHERE k._account_id = s._account_id AND k.id = s.id)
)

SELECT
    v.id,
    v.collection_method AS billing,
    utc(v.billing_cycle_anchor) AS billing_cycle_anchor,
    utc(v.cancel_at) AS cancel_at,
    v.cancel_at_period_end,
    utc(v.canceled_at) AS canceled_at,
    utc(v.created) AS created,
    utc(v.period_end) AS current_period_end, -- The last of its items' periods
    utc(v.period_start) AS current_period_start, -- The first of its items' periods
    v.customer AS customer_id,
    v.days_until_due,
    utc(v.ended_at) AS ended_at,
    v.latest_invoice AS latest_invoice_id,
    utc(v.start_date) AS start_date,
    v.status,
    v.next_at IS NULL AND NOT v.gone AS _fivetran_active, -- Whether it is the newest version
    v.livemode,
    v.default_payment_method AS default_payment_method_id,
    CAST(v.metadata AS TEXT) AS metadata,
    v.pause_collection__behavior AS pause_collection_behavior,
    utc(v.pause_collection__resumes_at) AS pause_collection_resumes_at,
    v.pending_setup_intent AS pending_setup_intent_id,
    utc(COALESCE(y.inserted_at, v._updated_at)) AS _fivetran_synced, -- When it was loaded
    v.application_fee_percent,
    v.billing_thresholds__amount_gte AS billing_threshold_amount_gte,
    v.billing_thresholds__reset_billing_cycle_anchor AS billing_threshold_reset_billing_cycle_anchor,
    v.default_source AS default_source_id,
    v.quantity, -- Of all its items
    CAST(NULL AS DOUBLE) AS tax_percent, -- Removed long ago
    utc(v.trial_end) AS trial_end,
    utc(v.trial_start) AS trial_start,
    utc(v.valid_from) AS _fivetran_start, -- Since when it is so
    COALESCE(
        utc(v.next_at) - INTERVAL '1' MILLISECOND,
        CASE WHEN v.gone THEN utc(v.deleted_at) END,
        CAST('9999-12-31 23:59:59.999' AS TIMESTAMP)
    ) AS _fivetran_end -- Until when
FROM versions AS v
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = v._dlt_load_id
