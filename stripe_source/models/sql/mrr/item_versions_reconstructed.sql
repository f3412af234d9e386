-- What each subscription item was before the first version that is known, as invoice lines tell it.
--
-- A line says which price and quantity it is from its period's beginning on. The status follows from
-- the times that Stripe keeps on the subscription: its trial's, its cancellation's and its end. One
-- that was unpaid at its first version is taken to be so since its oldest invoice that is not paid.
-- What left no line is not seen: a cancellation that was taken back, or a change of quantity without
-- proration before the next renewal.
--
-- grain: a version of a subscription item
-- key: subscription_item_id, valid_from
-- one of: status: active, trialing, paused, unpaid, canceled

WITH -- The first version of a subscription says how it came to be as it was then.
firsts AS (
    SELECT
        v.account_id,
        v.subscription_id,
        v.customer_id,
        v.currency,
        v.valid_from AS first_at,
        v.status,
        v.trial_start_at AS trial_start,
        v.trial_end_at AS trial_end,
        CASE
            WHEN $mrr_churn_at = 'cancellation' AND v.cancel_at_period_end
                THEN COALESCE(v.canceled_at, v.ended_at)
            ELSE v.ended_at
        END AS left_at,
        CASE WHEN v.status = 'paused' THEN COALESCE(v.paused_at, v.trial_end_at) END AS paused_at
    FROM subscription_versions AS v
    WHERE v.number = 1 AND v.status NOT IN ('incomplete', 'incomplete_expired')
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
    WHERE f.status = 'unpaid' AND i.status IN ('open', 'uncollectible')
    GROUP BY f.account_id, f.subscription_id
),

-- An item's lines of one period; some prices make a line for each of their tiers.
lines AS (
    SELECT
        l._account_id AS account_id,
        l.parent__subscription_item_details__subscription_item AS subscription_item_id,
        l.parent__subscription_item_details__subscription AS subscription_id,
        l.period__start AS since,
        l.invoice_id,
        l.pricing__price_details__price AS price_id,
        MAX(l.pricing__price_details__product) AS product_id,
        MAX(l.period__end) AS period_end,
        MAX(CASE WHEN l.parent__subscription_item_details__proration THEN 1 ELSE 0 END) AS proration,
        SUM(l.quantity) AS quantity,
        SUM(l.amount) AS amount,
        MAX(CAST(l.discount_amounts AS VARCHAR)) AS discounts
    FROM raw.invoice_line_items AS l
    WHERE
        l.parent__subscription_item_details__subscription_item IS NOT NULL
        AND l.amount >= 0
        AND NOT l.is_deleted
    GROUP BY
        l._account_id,
        l.parent__subscription_item_details__subscription_item,
        l.parent__subscription_item_details__subscription,
        l.period__start,
        l.invoice_id,
        l.pricing__price_details__price
),

line_facts AS (
    SELECT
        f.account_id,
        l.subscription_item_id,
        f.subscription_id,
        l.since,
        l.price_id,
        l.product_id,
        l.quantity,
        CASE WHEN l.proration = 0 THEN l.amount END AS amount,
        CASE WHEN l.proration = 0 THEN DATE_DIFF('day', l.since, l.period_end) END AS days,
        l.discounts,
        l.period_end,
        ROW_NUMBER() OVER (
            PARTITION BY l.account_id, l.subscription_item_id, l.since
            ORDER BY l.proration, l.invoice_id DESC, l.price_id
        ) AS nth,
        ROW_NUMBER() OVER (
            PARTITION BY l.account_id, l.subscription_item_id
            ORDER BY l.since DESC, l.proration, l.invoice_id DESC, l.price_id
        ) AS from_last
    FROM lines AS l
    INNER JOIN firsts AS f
        ON f.account_id = l.account_id AND f.subscription_id = l.subscription_id AND l.since < f.first_at
),

first_items AS (
    SELECT
        k.account_id,
        k.subscription_item_id,
        k.subscription_id,
        k.price_id,
        k.product_id,
        k.quantity,
        k.item_created_at AS created,
        k.item_discounts,
        k.subscription_discounts
    FROM item_versions_known AS k
    WHERE k.number = 1
),

-- A line with a negative amount gives back what was left of a period.
credits AS (
    SELECT
        l._account_id AS account_id,
        l.parent__subscription_item_details__subscription_item AS subscription_item_id,
        MAX(l.period__start) AS since
    FROM raw.invoice_line_items AS l
    WHERE
        l.parent__subscription_item_details__subscription_item IS NOT NULL
        AND l.amount < 0
        AND NOT l.is_deleted
    GROUP BY l._account_id, l.parent__subscription_item_details__subscription_item
),

moments AS (
    SELECT
        account_id, subscription_item_id, subscription_id, since, 1 AS fact, 0 AS gone,
        price_id, product_id, quantity, amount, days, discounts
    FROM line_facts
    WHERE nth = 1
    UNION ALL
    -- Items that no line tells of were from the beginning what they are in the first version.
    SELECT
        i.account_id, i.subscription_item_id, i.subscription_id, i.created, 1, 0,
        i.price_id, i.product_id, i.quantity, NULL, NULL,
        i.item_discounts || ' ' || i.subscription_discounts
    FROM first_items AS i
    INNER JOIN firsts AS f
        ON
            f.account_id = i.account_id
            AND f.subscription_id = i.subscription_id
            AND i.created < f.first_at
    WHERE NOT EXISTS (
        SELECT 1 FROM lines AS l
        WHERE l.account_id = i.account_id AND l.subscription_item_id = i.subscription_item_id
    )
    UNION ALL
    -- An item that the first version lacks ended when it was given back, else with its period.
    SELECT
        l.account_id, l.subscription_item_id, l.subscription_id,
        CASE WHEN c.since >= l.since THEN c.since ELSE l.period_end END, 0, 1,
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM line_facts AS l
    LEFT JOIN credits AS c
        ON c.account_id = l.account_id AND c.subscription_item_id = l.subscription_item_id
    WHERE
        l.from_last = 1
        AND NOT EXISTS (
            SELECT 1 FROM first_items AS i
            WHERE i.account_id = l.account_id AND i.subscription_item_id = l.subscription_item_id
        )
),

reconstructed_items AS (
    SELECT DISTINCT account_id, subscription_item_id, subscription_id FROM moments
),

-- The times since which a subscription's status changed by itself.
turns AS (
    SELECT r.account_id, r.subscription_item_id, r.subscription_id, f.trial_end AS since
    FROM reconstructed_items AS r
    INNER JOIN firsts AS f ON f.account_id = r.account_id AND f.subscription_id = r.subscription_id
    WHERE f.trial_end < f.first_at
    UNION
    SELECT r.account_id, r.subscription_item_id, r.subscription_id, f.left_at
    FROM reconstructed_items AS r
    INNER JOIN firsts AS f ON f.account_id = r.account_id AND f.subscription_id = r.subscription_id
    WHERE f.left_at < f.first_at
    UNION
    SELECT r.account_id, r.subscription_item_id, r.subscription_id, f.paused_at
    FROM reconstructed_items AS r
    INNER JOIN firsts AS f ON f.account_id = r.account_id AND f.subscription_id = r.subscription_id
    WHERE f.paused_at < f.first_at
    UNION
    SELECT r.account_id, r.subscription_item_id, r.subscription_id, u.unpaid_at
    FROM reconstructed_items AS r
    INNER JOIN unpaid AS u ON u.account_id = r.account_id AND u.subscription_id = r.subscription_id
),

all_moments AS (
    SELECT
        account_id, subscription_item_id, subscription_id, since, fact, gone,
        price_id, product_id, quantity, amount, days, discounts
    FROM moments
    UNION ALL
    SELECT
        t.account_id, t.subscription_item_id, t.subscription_id, t.since, 0, 0,
        NULL, NULL, NULL, NULL, NULL, NULL
    FROM turns AS t
    WHERE NOT EXISTS (
        SELECT 1 FROM moments AS m
        WHERE
            m.account_id = t.account_id
            AND m.subscription_item_id = t.subscription_item_id
            AND m.since = t.since
    )
),

grouped AS (
    SELECT
        account_id,
        subscription_item_id,
        subscription_id,
        since,
        gone,
        price_id,
        product_id,
        quantity,
        amount,
        days,
        discounts,
        LEAD(since) OVER (
            PARTITION BY account_id, subscription_item_id ORDER BY since, fact DESC
        ) AS next_at,
        SUM(fact) OVER (
            PARTITION BY account_id, subscription_item_id ORDER BY since, fact DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS facts
    FROM all_moments
),

carried AS (
    SELECT
        account_id,
        subscription_item_id,
        subscription_id,
        since,
        gone,
        next_at,
        facts,
        MAX(price_id) OVER (PARTITION BY account_id, subscription_item_id, facts) AS price_id,
        MAX(product_id) OVER (PARTITION BY account_id, subscription_item_id, facts) AS product_id,
        MAX(quantity) OVER (PARTITION BY account_id, subscription_item_id, facts) AS quantity,
        MAX(amount) OVER (PARTITION BY account_id, subscription_item_id, facts) AS amount,
        MAX(days) OVER (PARTITION BY account_id, subscription_item_id, facts) AS days,
        MAX(discounts) OVER (PARTITION BY account_id, subscription_item_id, facts) AS discounts
    FROM grouped
),

reconstructed AS (
    SELECT
        c.account_id,
        c.subscription_item_id,
        c.subscription_id,
        f.customer_id,
        c.price_id,
        c.product_id,
        f.currency,
        c.quantity,
        c.amount,
        c.days,
        c.since,
        CASE WHEN c.next_at < f.first_at THEN c.next_at ELSE f.first_at END AS valid_to,
        CASE
            WHEN c.since >= f.left_at THEN 'canceled'
            WHEN c.since >= u.unpaid_at THEN 'unpaid'
            WHEN c.since >= f.paused_at THEN 'paused'
            WHEN c.since >= f.trial_start AND c.since < f.trial_end THEN 'trialing'
            ELSE 'active'
        END AS status,
        c.discounts
    FROM carried AS c
    INNER JOIN firsts AS f ON f.account_id = c.account_id AND f.subscription_id = c.subscription_id
    LEFT JOIN unpaid AS u ON u.account_id = c.account_id AND u.subscription_id = c.subscription_id
    WHERE
        c.facts > 0
        AND c.gone = 0
        AND c.since < f.first_at
        AND (c.next_at IS NULL OR c.next_at > c.since)
)

SELECT
    account_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    price_id,
    product_id,
    currency, -- The subscription's
    COALESCE(CAST(quantity AS BIGINT), 1) AS quantity,
    CAST(amount AS BIGINT) AS line_amount_minor, -- What its lines charged for a whole period; null after a proration
    days AS line_days, -- And for how many days
    since AS valid_from,
    valid_to,
    status, -- The subscription's, as far as it can be told
    COALESCE(discounts, '') AS discounts -- The ids of the discounts that the lines had, in JSON
FROM reconstructed
