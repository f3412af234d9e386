-- What each subscription item was before the first version that is known, as invoice lines tell it.
--
-- A line says which price and quantity it is from its period's beginning on. The status follows from
-- the times that Stripe keeps on the subscription: its trial's, its cancellation's and its end. One
-- that was unpaid at its first version is taken to be so since the first of its last invoices that nobody paid.
-- What left no line is not seen: a cancellation that was taken back, or a change of quantity without
-- proration before the next renewal.
--
-- Ids of items and subscriptions are unique in all of Stripe, so that no account is asked for; a line
-- that only renews the one before makes no version.
--
-- grain: a version of a subscription item
-- key: subscription_item_id, valid_from
-- optional: subscription_items_history
-- one of: status: active, trialing, paused, unpaid, canceled

WITH -- The first version of a subscription says how it came to be as it was then.
firsts AS (
    SELECT
        v.account_id,
        v.subscription_id,
        v.customer_id,
        v.currency,
        v.version_id,
        v.valid_from AS first_at,
        v.discounts,
        v.default_tax_rates,
        v.trial_start_at,
        v.trial_end_at,
        v.status,
        CASE
            WHEN $mrr_churn_at = 'cancellation' AND v.cancel_at_period_end
                THEN COALESCE(v.canceled_at, v.ended_at)
            ELSE v.ended_at
        END AS left_at,
        CASE WHEN v.status = 'paused' THEN COALESCE(v.paused_at, v.trial_end_at) END AS paused_at
    FROM subscription_versions AS v
    WHERE v.is_first AND v.status NOT IN ('incomplete', 'incomplete_expired')
),

unpaid AS (
    SELECT
        f.account_id,
        f.subscription_id,
        MIN(i.created) AS unpaid_at
    FROM firsts AS f
    INNER JOIN raw.invoices AS i
        ON
            i._account_id = f.account_id
            AND i.parent__subscription_details__subscription = f.subscription_id
    WHERE
        f.status = 'unpaid'
        AND i.status IN ('open', 'uncollectible')
        AND NOT EXISTS (
            SELECT 1 FROM raw.invoices AS p
            WHERE
                p._account_id = i._account_id
                AND p.parent__subscription_details__subscription = f.subscription_id
                AND p.status = 'paid'
                AND p.created > i.created
        )
    GROUP BY f.account_id, f.subscription_id
),

-- What such an invoice says never came to be.
void AS (
    SELECT id FROM raw.invoices WHERE status = 'void' OR is_deleted
),

-- An item's lines. A price with tiers has one for each of them.
item_lines AS (
    SELECT
        l.parent__subscription_item_details__subscription_item AS subscription_item_id,
        l.parent__subscription_item_details__subscription AS subscription_id,
        l.period__start AS since,
        l.period__end AS period_end,
        l.invoice_id,
        l.pricing__price_details__price AS price_id,
        COALESCE(l.parent__subscription_item_details__proration, FALSE) AS proration,
        l.quantity,
        CASE WHEN l.parent__subscription_item_details__proration THEN NULL ELSE l.amount END AS amount,
        -- No discount is taken off a proration: the price for which it stands has those it had.
        CASE
            WHEN l.parent__subscription_item_details__proration
                AND COALESCE(CAST(l.discount_amounts AS VARCHAR), '') NOT LIKE '%di_%'
                THEN NULL
            ELSE COALESCE(CAST(l.discount_amounts AS VARCHAR), '')
        END AS discounts,
        COALESCE(CAST(l.taxes AS VARCHAR), '') AS taxes,
        t.plan_id IS NOT NULL AS tiered
    FROM raw.invoice_line_items AS l
    LEFT JOIN (SELECT DISTINCT plan_id FROM plans WHERE tiers_mode IS NOT NULL) AS t
        ON t.plan_id = l.pricing__price_details__price
    WHERE
        l.parent__subscription_item_details__subscription_item IS NOT NULL
        AND l.amount >= 0
        AND NOT l.is_deleted
        AND NOT EXISTS (SELECT 1 FROM void AS v WHERE v.id = l.invoice_id)
),

whole_lines AS (
    SELECT
        subscription_item_id, subscription_id, since, period_end, invoice_id, price_id,
        proration, quantity, amount, discounts, taxes
    FROM item_lines
    WHERE NOT tiered
    UNION ALL
    SELECT
        subscription_item_id, MAX(subscription_id), since, MAX(period_end), invoice_id, price_id,
        proration, SUM(quantity), SUM(amount), MAX(discounts), MAX(taxes)
    FROM item_lines
    WHERE tiered
    GROUP BY subscription_item_id, since, invoice_id, price_id, proration
),

lines AS (
    SELECT
        subscription_item_id,
        subscription_id,
        since,
        period_end,
        invoice_id,
        price_id,
        proration,
        COALESCE(quantity, 1) AS quantity,
        amount,
        discounts,
        taxes,
        COALESCE(price_id, '') || ' ' || CAST(COALESCE(quantity, 1) AS VARCHAR) || ' '
        || COALESCE(CAST(amount AS VARCHAR), '') || ' ' || COALESCE(discounts, '') || ' ' || taxes
            AS state
    FROM whole_lines
),

first_items AS (
    SELECT
        f.account_id,
        h.id AS subscription_item_id,
        f.subscription_id,
        h.price__id AS price_id,
        h.quantity,
        h.created,
        CAST(h.tax_rates AS VARCHAR) AS tax_rates,
        CAST(h.discounts AS VARCHAR) AS discounts
    FROM firsts AS f
    INNER JOIN raw.subscription_items_history AS h
        ON
            h._account_id = f.account_id
            AND h.subscription_id = f.subscription_id
            AND h.valid_from = f.first_at
            AND (h.source <> 'event' OR h.version_id = f.version_id)
    UNION ALL
    SELECT
        f.account_id,
        i.id,
        f.subscription_id,
        i.price__id,
        i.quantity,
        i.created,
        CAST(i.tax_rates AS VARCHAR),
        CAST(i.discounts AS VARCHAR)
    FROM firsts AS f
    INNER JOIN raw.subscription_items AS i
        ON i._account_id = f.account_id AND i.subscription_id = f.subscription_id
    WHERE f.version_id IS NULL AND NOT i.is_deleted
),

by_item AS (
    SELECT
        subscription_item_id,
        MAX(subscription_id) AS subscription_id,
        MIN(since) AS since,
        MIN(period_end) AS period_end,
        MAX(since) AS last_since,
        MAX(period_end) AS last_end,
        MIN(price_id) AS price_id,
        MIN(quantity) AS quantity,
        MIN(amount) AS amount,
        MIN(discounts) AS discounts,
        MIN(taxes) AS taxes,
        MIN(state) = MAX(state) AS only_renewed
    FROM lines
    GROUP BY subscription_item_id
),

-- Of several lines that begin at once the last one counts: no proration, the latest invoice.
ordered AS (
    SELECT
        subscription_item_id,
        subscription_id,
        since,
        period_end,
        invoice_id,
        price_id,
        proration,
        quantity,
        amount,
        discounts,
        taxes,
        state,
        LAG(state) OVER (
            PARTITION BY subscription_item_id ORDER BY since, proration DESC, invoice_id, price_id
        ) AS old_state
    FROM lines AS l
    WHERE EXISTS (
        SELECT 1 FROM by_item AS b
        WHERE b.subscription_item_id = l.subscription_item_id AND NOT b.only_renewed
    )
),

changes AS (
    SELECT
        subscription_item_id,
        subscription_id,
        since,
        period_end,
        price_id,
        quantity,
        amount,
        discounts,
        taxes,
        LEAD(since) OVER (
            PARTITION BY subscription_item_id ORDER BY since, proration DESC, invoice_id, price_id
        ) AS next_at,
        COUNT(discounts) OVER (
            PARTITION BY subscription_item_id ORDER BY since, proration DESC, invoice_id, price_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS told
    FROM ordered
    WHERE old_state IS NULL OR state <> old_state
),

spans AS (
    SELECT
        subscription_item_id,
        subscription_id,
        since,
        period_end,
        price_id,
        quantity,
        amount,
        MAX(discounts) OVER (PARTITION BY subscription_item_id, told) AS discounts,
        taxes,
        next_at
    FROM changes
    UNION ALL
    -- Most items only renew: they have one version, from their first line on.
    SELECT
        subscription_item_id,
        subscription_id,
        since,
        period_end,
        price_id,
        quantity,
        amount,
        discounts,
        taxes,
        NULL
    FROM by_item
    WHERE only_renewed
    UNION ALL
    -- Items that no line tells of were from the beginning what they are in the first version.
    SELECT
        i.subscription_item_id,
        i.subscription_id,
        i.created,
        NULL,
        i.price_id,
        i.quantity,
        NULL,
        i.discounts || ' ' || f.discounts,
        CASE WHEN i.tax_rates LIKE '%txr_%' THEN i.tax_rates ELSE f.default_tax_rates END,
        NULL
    FROM first_items AS i
    INNER JOIN firsts AS f ON f.account_id = i.account_id AND f.subscription_id = i.subscription_id
    WHERE NOT EXISTS (
        SELECT 1 FROM by_item AS b WHERE b.subscription_item_id = i.subscription_item_id
    )
),

-- A line with a negative amount gives back what was left of a period.
credits AS (
    SELECT
        l.parent__subscription_item_details__subscription_item AS subscription_item_id,
        MAX(l.period__start) AS since
    FROM raw.invoice_line_items AS l
    WHERE
        l.parent__subscription_item_details__subscription_item IS NOT NULL
        AND l.amount < 0
        AND NOT l.is_deleted
        AND NOT EXISTS (SELECT 1 FROM void AS v WHERE v.id = l.invoice_id)
    GROUP BY l.parent__subscription_item_details__subscription_item
),

-- An item that the first version lacks ended when it was given back, else with its last period.
removals AS (
    SELECT
        b.subscription_item_id,
        CASE WHEN c.since >= b.last_since THEN c.since ELSE b.last_end END AS removed_at
    FROM by_item AS b
    LEFT JOIN credits AS c ON c.subscription_item_id = b.subscription_item_id
    WHERE NOT EXISTS (
        SELECT 1 FROM first_items AS i WHERE i.subscription_item_id = b.subscription_item_id
    )
),

-- Each until the next begins, with the times at which the status changed by itself.
bounded AS (
    SELECT
        f.account_id,
        s.subscription_item_id,
        s.subscription_id,
        f.customer_id,
        s.price_id,
        f.currency,
        s.quantity,
        s.amount,
        CASE WHEN s.amount IS NOT NULL THEN DATE_DIFF('day', s.since, s.period_end) END AS days,
        s.discounts,
        s.taxes,
        s.since,
        CASE
            WHEN r.removed_at < f.first_at AND (s.next_at IS NULL OR r.removed_at < s.next_at)
                THEN r.removed_at
            WHEN s.next_at < f.first_at THEN s.next_at
            ELSE f.first_at
        END AS until,
        f.trial_start_at,
        f.trial_end_at,
        CASE WHEN f.paused_at <> f.trial_end_at THEN f.paused_at END AS paused_at,
        CASE
            WHEN u.unpaid_at IS DISTINCT FROM f.trial_end_at
                AND u.unpaid_at IS DISTINCT FROM f.paused_at
                THEN u.unpaid_at
        END AS unpaid_at,
        CASE
            WHEN f.left_at IS DISTINCT FROM f.trial_end_at
                AND f.left_at IS DISTINCT FROM f.paused_at
                AND f.left_at IS DISTINCT FROM u.unpaid_at
                THEN f.left_at
        END AS left_at,
        f.paused_at AS pauses_at,
        u.unpaid_at AS unpaid_since,
        f.left_at AS leaves_at
    FROM spans AS s
    INNER JOIN firsts AS f
        ON
            f.subscription_id = s.subscription_id
            AND f.first_at > s.since
    LEFT JOIN unpaid AS u ON u.subscription_id = s.subscription_id
    LEFT JOIN removals AS r ON r.subscription_item_id = s.subscription_item_id
    WHERE s.next_at IS NULL OR s.next_at > s.since
),

pieces AS (
    SELECT
        b.account_id,
        b.subscription_item_id,
        b.subscription_id,
        b.customer_id,
        b.price_id,
        b.currency,
        b.quantity,
        b.amount,
        b.days,
        b.discounts,
        b.taxes,
        b.until,
        b.trial_start_at,
        b.trial_end_at,
        b.pauses_at,
        b.unpaid_since,
        b.leaves_at,
        CASE k.turn
            WHEN 0 THEN b.since
            WHEN 1 THEN b.trial_end_at
            WHEN 2 THEN b.paused_at
            WHEN 3 THEN b.unpaid_at
            ELSE b.left_at
        END AS since,
        k.turn,
        b.since AS begins
    FROM bounded AS b
    CROSS JOIN (VALUES (0), (1), (2), (3), (4)) AS k (turn)
),

reconstructed AS (
    SELECT
        p.account_id,
        p.subscription_item_id,
        p.subscription_id,
        p.customer_id,
        p.price_id,
        p.currency,
        p.quantity,
        p.amount,
        p.days,
        p.discounts,
        p.taxes,
        p.since,
        LEAST(
            p.until,
            CASE WHEN p.trial_end_at > p.since THEN p.trial_end_at ELSE p.until END,
            CASE WHEN p.pauses_at > p.since THEN p.pauses_at ELSE p.until END,
            CASE WHEN p.unpaid_since > p.since THEN p.unpaid_since ELSE p.until END,
            CASE WHEN p.leaves_at > p.since THEN p.leaves_at ELSE p.until END
        ) AS valid_to,
        CASE
            WHEN p.since >= p.leaves_at THEN 'canceled'
            WHEN p.since >= p.unpaid_since THEN 'unpaid'
            WHEN p.since >= p.pauses_at THEN 'paused'
            WHEN p.since >= p.trial_start_at AND p.since < p.trial_end_at THEN 'trialing'
            ELSE 'active'
        END AS status
    FROM pieces AS p
    WHERE p.since < p.until AND (p.turn = 0 OR p.since > p.begins)
)

SELECT
    account_id,
    subscription_item_id, -- The subscription item
    subscription_id, -- The subscription that it is of
    customer_id, -- The subscription's customer
    price_id, -- The price that it has
    currency, -- The subscription's
    COALESCE(CAST(quantity AS BIGINT), 1) AS quantity, -- How many of the price; 1 where it has none
    CAST(amount AS BIGINT) AS line_amount_minor, -- What its lines charged for a whole period; null after a proration
    days AS line_days, -- And for how many days
    since AS valid_from, -- When the version began
    valid_to, -- When the next one begins
    status, -- The subscription's, as far as it can be told
    COALESCE(discounts, '') AS discounts, -- The ids of the discounts that the lines had, in JSON
    COALESCE(taxes, '') AS tax_rates -- The ids of their tax rates, in JSON
FROM reconstructed
