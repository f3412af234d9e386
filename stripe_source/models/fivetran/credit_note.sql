-- Credit notes.
--
-- grain: a credit note
-- key: id

SELECT
    n.id,
    n.livemode,
    n.amount,
    utc(n.created) AS created,
    n.currency,
    CAST(NULL AS BIGINT) AS customer_balance_transaction, -- An id in Stripe, which is no integer
    n.discount_amount,
    n.invoice AS invoice_id,
    n.memo,
    CAST(n.metadata AS TEXT) AS metadata,
    n.number,
    n.pdf,
    n.reason,
    json_text(json_first(n.refunds), 'refund') AS refund_id, -- The first of its refunds
    n.status,
    n.subtotal,
    n.total,
    n.type,
    utc(n.voided_at) AS voided_at,
    utc(COALESCE(y.inserted_at, n._updated_at)) AS _fivetran_synced -- When it was loaded
FROM raw.credit_notes AS n
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = n._dlt_load_id
WHERE NOT n.is_deleted
