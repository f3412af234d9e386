-- Prices and plans in one shape: every plan is a price of the same id, older ones are only plans,
-- and a price that was made with a subscription or an invoice is in no list of prices.
--
-- grain: a price or plan
-- key: plan_id
-- one of: origin: price, plan, inline
-- optional: subscription_items_history

WITH listed AS (
    SELECT
        p._account_id AS account_id,
        p.id AS plan_id,
        p.product AS product_id,
        p.nickname,
        p.lookup_key,
        p.currency,
        p.type,
        p.billing_scheme,
        p.tiers_mode,
        COALESCE(p.unit_amount_decimal, p.unit_amount) AS unit_amount_minor,
        p.recurring__interval AS "interval",
        p.recurring__interval_count AS interval_count,
        p.recurring__usage_type AS usage_type,
        p.recurring__meter AS meter_id,
        p.recurring__trial_period_days AS trial_period_days,
        p.transform_quantity__divide_by AS divide_by,
        p.transform_quantity__round AS round,
        p.tax_behavior,
        p.currency_options,
        p.metadata,
        p.active,
        p.livemode,
        p.created AS created_at,
        p.is_deleted,
        p.deleted_at,
        'price' AS origin
    FROM raw.prices AS p
),

older AS (
    SELECT
        p._account_id AS account_id,
        p.id AS plan_id,
        p.product AS product_id,
        p.nickname,
        CAST(NULL AS VARCHAR) AS lookup_key,
        p.currency,
        'recurring' AS type,
        p.billing_scheme,
        p.tiers_mode,
        COALESCE(p.amount_decimal, p.amount) AS unit_amount_minor,
        p."interval",
        p.interval_count,
        p.usage_type,
        p.meter AS meter_id,
        p.trial_period_days,
        p.transform_usage__divide_by AS divide_by,
        p.transform_usage__round AS round,
        CAST(NULL AS VARCHAR) AS tax_behavior,
        CAST(NULL AS JSON) AS currency_options,
        p.metadata,
        p.active,
        p.livemode,
        p.created AS created_at,
        p.is_deleted,
        p.deleted_at,
        'plan' AS origin
    FROM raw.plans AS p
    WHERE NOT EXISTS (
        SELECT 1 FROM raw.prices AS l WHERE l._account_id = p._account_id AND l.id = p.id
    )
),

on_items AS (
    SELECT
        i._account_id,
        i.price__id,
        i.price__product,
        i.price__nickname,
        i.price__lookup_key,
        i.price__currency,
        i.price__type,
        i.price__billing_scheme,
        i.price__tiers_mode,
        i.price__unit_amount_decimal,
        i.price__unit_amount,
        i.price__recurring__interval,
        i.price__recurring__interval_count,
        i.price__recurring__usage_type,
        i.price__recurring__meter,
        i.price__recurring__trial_period_days,
        i.price__transform_quantity__divide_by,
        i.price__transform_quantity__round,
        i.price__tax_behavior,
        i.price__metadata,
        i.price__active,
        i.price__livemode,
        i.price__created,
        i._updated_at
    FROM raw.subscription_items AS i
    UNION ALL
    SELECT
        h._account_id,
        h.price__id,
        h.price__product,
        h.price__nickname,
        h.price__lookup_key,
        h.price__currency,
        h.price__type,
        h.price__billing_scheme,
        h.price__tiers_mode,
        h.price__unit_amount_decimal,
        h.price__unit_amount,
        h.price__recurring__interval,
        h.price__recurring__interval_count,
        h.price__recurring__usage_type,
        h.price__recurring__meter,
        h.price__recurring__trial_period_days,
        h.price__transform_quantity__divide_by,
        h.price__transform_quantity__round,
        h.price__tax_behavior,
        h.price__metadata,
        h.price__active,
        h.price__livemode,
        h.price__created,
        h._updated_at
    FROM raw.subscription_items_history AS h
),

unlisted AS (
    SELECT
        i._account_id AS account_id,
        i.price__id AS plan_id,
        i.price__product AS product_id,
        i.price__nickname AS nickname,
        i.price__lookup_key AS lookup_key,
        i.price__currency AS currency,
        i.price__type AS type,
        i.price__billing_scheme AS billing_scheme,
        i.price__tiers_mode AS tiers_mode,
        COALESCE(i.price__unit_amount_decimal, i.price__unit_amount) AS unit_amount_minor,
        i.price__recurring__interval AS "interval",
        i.price__recurring__interval_count AS interval_count,
        i.price__recurring__usage_type AS usage_type,
        i.price__recurring__meter AS meter_id,
        i.price__recurring__trial_period_days AS trial_period_days,
        i.price__transform_quantity__divide_by AS divide_by,
        i.price__transform_quantity__round AS round,
        i.price__tax_behavior AS tax_behavior,
        CAST(NULL AS JSON) AS currency_options,
        i.price__metadata AS metadata,
        i.price__active AS active,
        i.price__livemode AS livemode,
        i.price__created AS created_at,
        FALSE AS is_deleted,
        CAST(NULL AS TIMESTAMPTZ) AS deleted_at,
        'inline' AS origin,
        ROW_NUMBER() OVER (
            PARTITION BY i._account_id, i.price__id ORDER BY i._updated_at DESC, i.price__nickname
        ) AS latest
    FROM on_items AS i
    WHERE
        i.price__id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM raw.prices AS l WHERE l._account_id = i._account_id AND l.id = i.price__id
        )
        AND NOT EXISTS (
            SELECT 1 FROM raw.plans AS l WHERE l._account_id = i._account_id AND l.id = i.price__id
        )
),

everything AS (
    SELECT
        account_id, plan_id, product_id, nickname, lookup_key, currency, type, billing_scheme,
        tiers_mode, unit_amount_minor, "interval", interval_count, usage_type, meter_id,
        trial_period_days, divide_by, round, tax_behavior, currency_options, metadata, active,
        livemode, created_at, is_deleted, deleted_at, origin
    FROM listed
    UNION ALL
    SELECT
        account_id, plan_id, product_id, nickname, lookup_key, currency, type, billing_scheme,
        tiers_mode, unit_amount_minor, "interval", interval_count, usage_type, meter_id,
        trial_period_days, divide_by, round, tax_behavior, currency_options, metadata, active,
        livemode, created_at, is_deleted, deleted_at, origin
    FROM older
    UNION ALL
    SELECT
        account_id, plan_id, product_id, nickname, lookup_key, currency, type, billing_scheme,
        tiers_mode, unit_amount_minor, "interval", interval_count, usage_type, meter_id,
        trial_period_days, divide_by, round, tax_behavior, currency_options, metadata, active,
        livemode, created_at, is_deleted, deleted_at, origin
    FROM unlisted
    WHERE latest = 1
)

SELECT
    e.account_id,
    e.plan_id, -- The price's id, or the plan's
    e.product_id, -- The product that it is a price of
    e.nickname, -- What it is called, hidden from customers
    e.lookup_key, -- The key by which a price is looked up; null for a plan
    e.currency, -- In which it is
    e.type, -- recurring or one_time
    e.billing_scheme, -- per_unit or tiered; the tiers are in plan_tiers
    e.tiers_mode, -- graduated or volume
    major(e.unit_amount_minor, e.currency) AS unit_amount, -- For one unit, in the currency's own unit; null for tiers
    e.unit_amount_minor, -- The same in minor units, with up to 12 places
    e."interval", -- day, week, month or year
    e.interval_count, -- So many of them make a period
    e.usage_type, -- licensed or metered
    e.meter_id, -- The meter of its usage
    e.trial_period_days, -- The trial that subscriptions get by default, in days
    e.divide_by, -- What the quantity is divided by before it is priced
    e.round, -- How that is rounded: up or down
    e.tax_behavior, -- Whether taxes are in the price: inclusive, exclusive or unspecified
    e.currency_options, -- Amounts in other currencies
    e.metadata, -- What the user has attached to it
    e.active, -- Whether it can be used for new purchases
    e.livemode, -- Whether it is in live mode
    e.created_at, -- When it was made
    e.is_deleted, -- Deleted plans stay, for what was sold by them
    e.deleted_at, -- When it was deleted
    e.origin -- Where it is known from: the list of prices, that of plans, or an item that was made with it
FROM everything AS e
