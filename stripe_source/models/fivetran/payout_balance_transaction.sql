-- What is in payouts that Stripe made by its schedule, the payout's own balance transaction too.
--
-- Of other payouts Stripe doesn't say what they hold.
--
-- grain: a balance transaction in a payout
-- key: payout_id, balance_transaction_id

SELECT
    t.payout_id,
    t.id AS balance_transaction_id,
    utc(COALESCE(y.inserted_at, t._updated_at)) AS _fivetran_synced -- When it was loaded
FROM raw.payout_balance_transactions AS t
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = t._dlt_load_id
WHERE NOT t.is_deleted
