-- Payouts.
--
-- grain: a payout
-- key: id
-- optional: accounts

WITH connected AS (
    SELECT DISTINCT a.id
    FROM raw.accounts AS a
    WHERE a.id <> a._account_id
)

SELECT
    p.id,
    utc(p.arrival_date) AS arrival_date,
    p.automatic,
    p.balance_transaction AS balance_transaction_id,
    utc(p.created) AS created,
    p.currency,
    p.description,
    CASE WHEN LEFT(p.destination, 3) = 'ba_' THEN p.destination END AS destination_bank_account_id,
    CASE WHEN LEFT(p.destination, 5) = 'card_' THEN p.destination END AS destination_card_id,
    p.status,
    p.type,
    p.livemode,
    p.amount,
    CAST(p.metadata AS TEXT) AS metadata,
    p.method,
    p.source_type,
    utc(COALESCE(y.inserted_at, p._updated_at)) AS _fivetran_synced, -- When it was loaded
    k.id AS connected_account_id, -- The account, where it is connected to one that is loaded, too
    p.failure_balance_transaction AS failure_balance_transaction_id,
    p.failure_code,
    p.failure_message,
    p.statement_descriptor
FROM raw.payouts AS p
LEFT JOIN connected AS k
    ON k.id = p._account_id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = p._dlt_load_id
WHERE NOT p.is_deleted
