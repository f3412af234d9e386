-- Fees: the parts of what a balance transaction cost.
--
-- grain: a fee of a balance transaction
-- key: balance_transaction_id, index
-- optional: accounts

WITH connected AS (
    SELECT DISTINCT a.id
    FROM raw.accounts AS a
    WHERE a.id <> a._account_id
),

fee_items AS (
    SELECT
        t._account_id,
        t.id,
        t._updated_at,
        t._dlt_load_id,
        json_items(t.fee_details) AS item,
        json_positions(t.fee_details) AS position
    FROM raw.balance_transactions AS t
    WHERE NOT t.is_deleted
)

SELECT
    f.id AS balance_transaction_id,
    f.position AS "index", -- Its place, from 0
    CAST(json_text(f.item, 'amount') AS BIGINT) AS amount,
    json_text(f.item, 'application') AS application,
    json_text(f.item, 'currency') AS currency,
    json_text(f.item, 'description') AS description,
    json_text(f.item, 'type') AS type,
    utc(COALESCE(y.inserted_at, f._updated_at)) AS _fivetran_synced, -- When it was loaded
    k.id AS connected_account_id -- The account, where it is connected to one that is loaded, too
FROM fee_items AS f
LEFT JOIN connected AS k
    ON k.id = f._account_id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = f._dlt_load_id
