-- Transfers to connected accounts.
--
-- grain: a transfer
-- key: id

SELECT
    t.id,
    t.balance_transaction AS balance_transaction_id,
    t.livemode,
    t.amount,
    t.amount_reversed,
    utc(t.created) AS created,
    t.currency,
    t.description,
    t.destination,
    t.destination_payment,
    t.destination_payment AS destination_payment_id,
    CAST(t.metadata AS TEXT) AS metadata,
    t.reversed,
    t.source_transaction,
    t.source_transaction AS source_transaction_id,
    t.source_type,
    t.transfer_group,
    utc(COALESCE(y.inserted_at, t._updated_at)) AS _fivetran_synced -- When it was loaded
FROM raw.transfers AS t
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = t._dlt_load_id
WHERE NOT t.is_deleted
