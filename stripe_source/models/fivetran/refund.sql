-- Refunds; of a charge there can be several.
--
-- grain: a refund
-- key: id

SELECT
    r.id,
    r.amount,
    r.balance_transaction AS balance_transaction_id,
    r.charge AS charge_id,
    r.reason,
    utc(r.created) AS created,
    r.currency,
    r.description,
    CAST(r.metadata AS TEXT) AS metadata,
    r.payment_intent AS payment_intent_id,
    r.receipt_number,
    r.status,
    utc(COALESCE(y.inserted_at, r._updated_at)) AS _fivetran_synced, -- When it was loaded
    r.failure_balance_transaction AS failure_balance_transaction_id,
    r.failure_reason
FROM raw.refunds AS r
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = r._dlt_load_id
WHERE NOT r.is_deleted
