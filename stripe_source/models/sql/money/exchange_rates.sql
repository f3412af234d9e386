-- What one unit of a currency is in the reporting currency, and from which day to which.
--
-- By the table that the setting rates_table names, for the currencies that are in it. Else by the
-- conversions among the balance transactions: the average of a day, from the next day on, as Stripe
-- converts MRR with the rate of the day before. Before the first rate that is known, that one holds.
-- Source: Sigma's template "MRR"; https://docs.stripe.com/api/balance_transactions/object
--
-- grain: a currency and the days of one rate
-- key: currency, valid_from
-- holds: rate > 0
-- optional: balance_transactions, charges

WITH given AS (
    SELECT
        c.account_id,
        LOWER(g.currency) AS currency,
        CAST(g.date AS DATE) AS day,
        CAST(g.rate AS DECIMAL(20, 10)) AS rate
    FROM given.rates_table AS g
    CROSS JOIN reporting_currency AS c
    WHERE LOWER(g.currency) <> c.currency
),

conversions AS (
    SELECT
        b._account_id AS account_id,
        c.currency AS source,
        b.currency AS target,
        day_of(b.created) AS day,
        AVG(b.exchange_rate) * major(1, b.currency) / major(1, c.currency) AS rate
    FROM raw.balance_transactions AS b
    INNER JOIN raw.charges AS c ON c._account_id = b._account_id AND c.id = b.source
    WHERE b.exchange_rate > 0 AND c.currency <> b.currency
    GROUP BY b._account_id, c.currency, b.currency, day_of(b.created)
),

found AS (
    SELECT c.account_id, c.source AS currency, c.day, c.rate
    FROM conversions AS c
    INNER JOIN reporting_currency AS r
        ON r.account_id = c.account_id AND r.currency = c.target
    UNION ALL
    SELECT c.account_id, c.target, c.day, 1 / c.rate
    FROM conversions AS c
    INNER JOIN reporting_currency AS r
        ON r.account_id = c.account_id AND r.currency = c.source
    WHERE NOT EXISTS (
        SELECT 1 FROM conversions AS d
        WHERE d.account_id = c.account_id AND d.source = c.target AND d.target = c.source
    )
),

daily AS (
    SELECT account_id, currency, day, rate FROM given
    UNION ALL
    SELECT
        f.account_id,
        f.currency,
        CAST(f.day + INTERVAL 1 DAY AS DATE),
        CAST(f.rate AS DECIMAL(20, 10))
    FROM found AS f
    WHERE NOT EXISTS (
        SELECT 1 FROM given AS g WHERE g.account_id = f.account_id AND g.currency = f.currency
    )
    UNION ALL
    SELECT account_id, currency, DATE '1970-01-01', CAST(1 AS DECIMAL(20, 10))
    FROM reporting_currency
),

numbered AS (
    SELECT
        account_id,
        currency,
        day,
        rate,
        ROW_NUMBER() OVER (PARTITION BY account_id, currency ORDER BY day) AS number,
        LEAD(day) OVER (PARTITION BY account_id, currency ORDER BY day) AS next_day
    FROM daily
)

SELECT
    account_id,
    currency, -- The currency that is converted
    CASE WHEN number = 1 THEN DATE '1970-01-01' ELSE day END AS valid_from, -- The first day of the rate; the oldest rate holds for all the time before
    next_day AS valid_to, -- The first day of the next rate; null in the last one
    rate -- Units of the reporting currency for one unit
FROM numbered
