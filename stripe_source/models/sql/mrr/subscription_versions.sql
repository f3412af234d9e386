-- Every version of a subscription that is known: of events, and of syncs that found it otherwise.
--
-- Of several versions in one moment the last one counts. A subscription without a history has one
-- version, the one that the table has.
--
-- grain: a version of a subscription
-- key: subscription_id, valid_from
-- one of: source: event, observed
-- optional: subscriptions_history

WITH versions AS (
    SELECT
        h._account_id,
        h.id,
        h.version_id,
        h.valid_from,
        h.source,
        h.status,
        h.customer,
        h.currency,
        h.trial_start,
        h.trial_end,
        h.cancel_at_period_end,
        h.canceled_at,
        h.ended_at,
        h.status_details__paused__transitioned_at AS paused_at,
        h.discounts,
        h.default_tax_rates,
        LEAD(h.valid_from) OVER (
            PARTITION BY h.id ORDER BY h.valid_from, h.version_order, h.version_id
        ) AS next_at,
        MIN(h.valid_from) OVER (
            PARTITION BY h.id ORDER BY h.valid_from, h.version_order, h.version_id
        ) AS first_at
    FROM raw.subscriptions_history AS h
),

last_versions AS (
    SELECT
        _account_id AS account_id,
        id AS subscription_id,
        version_id,
        valid_from,
        next_at,
        first_at,
        source,
        status,
        customer,
        currency,
        trial_start,
        trial_end,
        cancel_at_period_end,
        canceled_at,
        ended_at,
        paused_at,
        discounts,
        default_tax_rates
    FROM versions
    WHERE next_at IS NULL OR next_at > valid_from
    UNION ALL
    SELECT
        s._account_id,
        s.id,
        CAST(NULL AS VARCHAR),
        s._updated_at,
        NULL,
        s._updated_at,
        'observed',
        s.status,
        s.customer,
        s.currency,
        s.trial_start,
        s.trial_end,
        s.cancel_at_period_end,
        s.canceled_at,
        s.ended_at,
        s.status_details__paused__transitioned_at,
        s.discounts,
        s.default_tax_rates
    FROM raw.subscriptions AS s
    WHERE
        NOT s.is_deleted
        AND NOT EXISTS (
            SELECT 1 FROM versions AS v WHERE v._account_id = s._account_id AND v.id = s.id
        )
)

SELECT
    v.account_id,
    v.subscription_id, -- The subscription
    v.version_id, -- Null where there is no history
    v.valid_from, -- When the version began
    COALESCE(v.next_at, CASE WHEN s.is_deleted THEN s.deleted_at END) AS valid_to, -- Null: still
    v.valid_from = v.first_at AS is_first, -- Of the versions that are known
    v.source, -- event or observed
    v.status,
    v.customer AS customer_id,
    v.currency,
    v.trial_start AS trial_start_at,
    v.trial_end AS trial_end_at,
    COALESCE(v.cancel_at_period_end, FALSE) AS cancel_at_period_end, -- Whether it is to end with its period
    v.canceled_at,
    v.ended_at,
    v.paused_at, -- When it was paused
    CAST(v.discounts AS VARCHAR) AS discounts, -- The ids of its discounts, in their order, as JSON
    CAST(v.default_tax_rates AS VARCHAR) AS default_tax_rates -- The tax rates of its items that have none
FROM last_versions AS v
LEFT JOIN raw.subscriptions AS s
    ON s._account_id = v.account_id AND s.id = v.subscription_id
