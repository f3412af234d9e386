-- What each version of a subscription item is worth in a month, before and after discounts.
--
-- A version that does not count is worth nothing; usage never counts. The price for the quantity in
-- one period is multiplied with the periods of a year and divided by twelve, kept to 8 places.
-- Where only a line's amount is known it takes the place of the price; where the period is not
-- known either, the line's days do. Taxes that are in the price are taken out.
--
-- Discounts are taken off one after the other: the item's, then the subscription's, each in its
-- order; a percentage of what the one before has left, an amount by the item's share of the
-- undiscounted amounts of what it is for, both monthly, and never below 0.
-- Source: https://docs.stripe.com/billing/subscriptions/coupons
--
-- grain: a version of a subscription item
-- key: subscription_item_id, valid_from
-- holds: mrr >= 0
-- holds: mrr <= mrr_before_discounts

WITH RECURSIVE states AS (
    SELECT
        account_id,
        subscription_item_id,
        subscription_id,
        customer_id,
        price_id,
        product_id,
        currency,
        quantity,
        line_amount_minor,
        line_days,
        valid_from,
        valid_to,
        source,
        status,
        counts,
        item_discounts,
        subscription_discounts,
        tax_rates
    FROM item_states
),

taxed AS (
    -- A price with the tax in it is worth what is left without. Few texts name such a rate.
    SELECT
        s.account_id,
        s.tax_rates,
        SUM(t.percentage) AS percentage
    FROM (
        SELECT DISTINCT account_id, tax_rates FROM states WHERE tax_rates LIKE '%txr_%'
    ) AS s
    INNER JOIN raw.tax_rates AS t
        ON t._account_id = s.account_id AND t.inclusive AND STRPOS(s.tax_rates, t.id) > 0
    WHERE NOT $mrr_inclusive_taxes
    GROUP BY s.account_id, s.tax_rates
),

quantities AS (
    SELECT
        s.account_id,
        s.subscription_item_id,
        s.subscription_id,
        s.customer_id,
        s.price_id,
        COALESCE(s.product_id, p.product_id) AS product_id,
        s.currency,
        s.quantity,
        s.line_amount_minor,
        s.line_days,
        s.valid_from,
        s.valid_to,
        s.source,
        s.status,
        s.counts,
        s.item_discounts,
        s.subscription_discounts,
        COALESCE(p.usage_type = 'metered', FALSE) AS metered,
        p.tiers_mode,
        COALESCE(p.currency = s.currency, FALSE) AS own_currency,
        COALESCE(CAST(100 AS DECIMAL(38, 12)) / (100 + CAST(x.percentage AS DECIMAL(12, 6))), 1)
            AS untaxed,
        -- The quantity that is priced, and one unit's amount in the subscription's currency.
        CASE
            WHEN p.divide_by IS NULL THEN s.quantity
            WHEN p.round = 'up' THEN CAST(CEIL(s.quantity * 1.0 / p.divide_by) AS BIGINT)
            ELSE CAST(FLOOR(s.quantity * 1.0 / p.divide_by) AS BIGINT)
        END AS priced,
        CASE
            WHEN p.currency = s.currency THEN p.unit_amount_minor
            ELSE CAST(
                COALESCE(
                    json_text(p.currency_options, s.currency, 'unit_amount_decimal'),
                    json_text(p.currency_options, s.currency, 'unit_amount')
                ) AS DECIMAL(38, 12)
            )
        END AS unit_amount_minor,
        CASE p."interval"
            WHEN 'week' THEN $weeks_per_year
            WHEN 'month' THEN 12
            WHEN 'year' THEN 1
            ELSE $days_per_year
        END AS periods,
        12 * COALESCE(p.interval_count, NULLIF(s.line_days, 0), 30) AS per
    FROM states AS s
    LEFT JOIN plans AS p ON p.account_id = s.account_id AND p.plan_id = s.price_id
    LEFT JOIN taxed AS x ON x.account_id = s.account_id AND x.tax_rates = s.tax_rates
),

amounts AS (
    SELECT
        q.account_id,
        q.subscription_item_id,
        q.subscription_id,
        q.customer_id,
        q.price_id,
        q.product_id,
        q.currency,
        q.quantity,
        q.valid_from,
        q.valid_to,
        q.source,
        q.status,
        q.counts,
        q.metered,
        q.item_discounts,
        q.subscription_discounts,
        q.periods,
        q.per,
        q.untaxed,
        COALESCE(
            CASE
                WHEN q.tiers_mode IS NULL THEN q.priced * q.unit_amount_minor
                WHEN q.line_amount_minor IS NOT NULL THEN q.line_amount_minor
                WHEN q.tiers_mode = 'volume'
                    THEN q.priced * t.unit_amount_minor + t.flat_amount_minor
                ELSE
                    t.below_minor + (q.priced - t.above) * t.unit_amount_minor
                    + t.flat_amount_minor
            END,
            q.line_amount_minor
        ) AS amount_minor
    FROM quantities AS q
    LEFT JOIN plan_tiers AS t
        ON
            t.account_id = q.account_id
            AND t.plan_id = q.price_id
            AND q.tiers_mode IS NOT NULL
            AND q.own_currency
            AND (q.priced > t.above OR t.above = 0)
            AND (q.priced <= t.up_to OR t.up_to IS NULL)
),

undiscounted AS (
    SELECT
        account_id,
        subscription_item_id,
        subscription_id,
        customer_id,
        price_id,
        product_id,
        currency,
        quantity,
        valid_from,
        valid_to,
        source,
        status,
        counts,
        metered,
        item_discounts,
        subscription_discounts,
        periods,
        per,
        untaxed,
        counts AND NOT metered AND amount_minor IS NULL AS unpriced,
        CASE
            WHEN counts AND NOT metered AND amount_minor IS NOT NULL
                THEN CAST(
                    major(amount_minor, currency) * periods / per * untaxed AS DECIMAL(38, 8)
                )
            ELSE CAST(0 AS DECIMAL(38, 8))
        END AS mrr
    FROM amounts
),

-- The few that have discounts.
reduced AS (
    SELECT
        account_id,
        subscription_item_id,
        subscription_id,
        customer_id,
        product_id,
        currency,
        valid_from,
        valid_to,
        item_discounts,
        subscription_discounts,
        periods,
        per,
        untaxed,
        mrr
    FROM undiscounted
    WHERE mrr > 0 AND (item_discounts LIKE '%di_%' OR subscription_discounts LIKE '%di_%')
),

terms AS (
    SELECT
        d._account_id AS account_id,
        d.id AS discount_id,
        COALESCE(d.subscription_item, d.subscription, d.customer) AS holder_id,
        CAST(c.percent_off AS DECIMAL(12, 6)) AS percent_off,
        c.currency,
        c.amount_off,
        c.currency_options,
        CAST(c.applies_to__products AS VARCHAR) AS products
    FROM raw.discounts AS d
    INNER JOIN raw.coupons AS c ON c._account_id = d._account_id AND c.id = d.source__coupon
    WHERE
        $mrr_discounts = 'all'
        OR ($mrr_discounts = 'recurring' AND c.duration IN ('forever', 'repeating'))
        OR ($mrr_discounts = 'forever' AND c.duration = 'forever')
),

-- A discount is an item's, a subscription's or a customer's; it holds where a version names it.
holders AS (
    SELECT
        r.account_id,
        r.subscription_item_id,
        r.subscription_id,
        r.product_id,
        r.currency,
        r.valid_from,
        r.valid_to,
        r.item_discounts,
        r.subscription_discounts,
        r.periods,
        r.per,
        r.untaxed,
        r.mrr,
        CASE k.level
            WHEN 1 THEN r.subscription_item_id
            WHEN 2 THEN r.subscription_id
            ELSE r.customer_id
        END AS holder_id
    FROM reduced AS r
    CROSS JOIN (VALUES (1), (2), (3)) AS k (level)
),

placed AS (
    SELECT
        u.account_id,
        u.subscription_item_id,
        u.subscription_id,
        u.valid_from,
        u.currency,
        u.mrr,
        u.valid_to,
        u.periods,
        u.per,
        u.untaxed,
        t.discount_id,
        t.percent_off,
        CASE
            WHEN t.currency = u.currency THEN t.amount_off
            ELSE CAST(json_text(t.currency_options, u.currency, 'amount_off') AS BIGINT)
        END AS amount_off,
        STRPOS(u.item_discounts, t.discount_id) AS on_item,
        STRPOS(u.subscription_discounts, t.discount_id) AS on_subscription
    FROM holders AS u
    INNER JOIN terms AS t ON t.account_id = u.account_id AND t.holder_id = u.holder_id
    WHERE t.products IS NULL OR t.products = '[]' OR STRPOS(t.products, '"' || u.product_id || '"') > 0
),

-- What the items that share an amount are worth together when a version begins.
shared AS (
    SELECT
        p.account_id,
        p.subscription_item_id,
        p.valid_from,
        p.discount_id,
        SUM(o.mrr) AS mrr
    FROM placed AS p
    INNER JOIN placed AS o
        ON
            o.account_id = p.account_id
            AND o.subscription_id = p.subscription_id
            AND o.discount_id = p.discount_id
            AND o.valid_from <= p.valid_from
            AND (o.valid_to IS NULL OR o.valid_to > p.valid_from)
    WHERE p.amount_off IS NOT NULL AND p.on_item = 0
    GROUP BY p.account_id, p.subscription_item_id, p.valid_from, p.discount_id
),

steps AS (
    SELECT
        p.account_id,
        p.subscription_item_id,
        p.valid_from,
        p.mrr,
        p.percent_off,
        CASE
            WHEN p.amount_off IS NULL THEN 0
            ELSE CAST(
                major(p.amount_off, p.currency) * p.periods / p.per * p.untaxed
                * CASE WHEN p.on_item > 0 THEN 1 ELSE p.mrr / s.mrr END AS DECIMAL(38, 8)
            )
        END AS share,
        ROW_NUMBER() OVER (
            PARTITION BY p.account_id, p.subscription_item_id, p.valid_from
            ORDER BY
                CASE WHEN p.on_item > 0 THEN 0 ELSE 1 END,
                p.on_item,
                p.on_subscription,
                p.discount_id
        ) AS number
    FROM placed AS p
    LEFT JOIN shared AS s
        ON
            s.account_id = p.account_id
            AND s.subscription_item_id = p.subscription_item_id
            AND s.valid_from = p.valid_from
            AND s.discount_id = p.discount_id
    WHERE p.on_item > 0 OR p.on_subscription > 0
),

discounted AS (
    SELECT
        account_id,
        subscription_item_id,
        valid_from,
        CAST(0 AS BIGINT) AS number,
        mrr
    FROM steps
    WHERE number = 1
    UNION ALL
    SELECT
        d.account_id,
        d.subscription_item_id,
        d.valid_from,
        CAST(s.number AS BIGINT),
        CAST(
            CASE
                WHEN s.percent_off IS NOT NULL THEN d.mrr * (100 - s.percent_off) / 100
                WHEN s.share < d.mrr THEN d.mrr - s.share
                ELSE 0
            END AS DECIMAL(38, 8)
        )
    FROM discounted AS d
    INNER JOIN steps AS s
        ON
            s.account_id = d.account_id
            AND s.subscription_item_id = d.subscription_item_id
            AND s.valid_from = d.valid_from
            AND s.number = d.number + 1
),

last_steps AS (
    SELECT account_id, subscription_item_id, valid_from, MIN(mrr) AS mrr
    FROM discounted
    GROUP BY account_id, subscription_item_id, valid_from
)

SELECT
    u.account_id,
    u.subscription_item_id, -- The subscription item
    u.subscription_id, -- The subscription that it is of
    u.customer_id, -- The subscription's customer
    u.price_id, -- The price that it has
    u.product_id, -- The price's product
    u.currency, -- The subscription's
    u.quantity, -- How many of the price; 1 where it has none
    u.valid_from, -- When the version began
    u.valid_to, -- Null: still
    u.source, -- Where the version is known from
    u.status, -- The subscription's
    u.counts, -- Whether it is in MRR, by status, trial and cancellation
    u.metered, -- Usage is never in MRR
    u.unpriced, -- It would count, but nothing that is loaded tells its price in its currency
    u.mrr AS mrr_before_discounts, -- A month, in the currency's own unit, unrounded
    COALESCE(l.mrr, u.mrr) AS mrr -- The same after the discounts that count
FROM undiscounted AS u
LEFT JOIN last_steps AS l
    ON
        l.account_id = u.account_id
        AND l.subscription_item_id = u.subscription_item_id
        AND l.valid_from = u.valid_from
