-- Balance transactions: whatever moves the account's balance.
--
-- grain: a balance transaction
-- key: id
-- optional: accounts, payout_balance_transactions

WITH connected AS (
    SELECT DISTINCT a.id
    FROM raw.accounts AS a
    WHERE a.id <> a._account_id
),

payouts AS (
    SELECT
        t._account_id,
        t.id,
        MIN(t.payout_id) AS payout_id
    FROM raw.payout_balance_transactions AS t
    WHERE NOT t.is_deleted
    GROUP BY
        t._account_id,
        t.id
)

SELECT
    t.id,
    t.amount,
    utc(t.available_on) AS available_on,
    k.id AS connected_account_id, -- The account, where it is connected to one that is loaded, too
    utc(t.created) AS created,
    t.currency,
    t.description,
    t.fee,
    t.net,
    t.reporting_category,
    t.source,
    t.type,
    t.exchange_rate,
    t.status,
    utc(COALESCE(y.inserted_at, t._updated_at)) AS _fivetran_synced, -- When it was loaded
    p.payout_id AS payout_id -- The automatic payout that paid it out
FROM raw.balance_transactions AS t
LEFT JOIN connected AS k
    ON k.id = t._account_id
LEFT JOIN payouts AS p
    ON p._account_id = t._account_id
    AND p.id = t.id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = t._dlt_load_id
WHERE NOT t.is_deleted
