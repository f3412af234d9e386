-- The currency that amounts are converted to: the setting, else the one that most balance
-- transactions are in, else most invoices, else most subscriptions.
--
-- grain: an account
-- key: account_id
-- optional: balance_transactions, invoices, subscriptions, customers

WITH uses AS (
    SELECT _account_id, currency, 1 AS rank, COUNT(*) AS times
    FROM raw.balance_transactions
    GROUP BY _account_id, currency
    UNION ALL
    SELECT _account_id, currency, 2, COUNT(*)
    FROM raw.invoices
    GROUP BY _account_id, currency
    UNION ALL
    SELECT _account_id, currency, 3, COUNT(*)
    FROM raw.subscriptions
    GROUP BY _account_id, currency
    UNION ALL
    SELECT _account_id, currency, 4, COUNT(*)
    FROM raw.customers
    GROUP BY _account_id, currency
),

ranked AS (
    SELECT
        _account_id,
        currency,
        ROW_NUMBER() OVER (
            PARTITION BY _account_id
            ORDER BY CASE WHEN currency IS NULL THEN 1 ELSE 0 END, rank, times DESC, currency
        ) AS nth
    FROM uses
)

SELECT
    _account_id AS account_id,
    COALESCE($currency, currency, 'usd') AS currency -- The currency that amounts are converted to
FROM ranked
WHERE nth = 1
