-- Payment intents: payments from the wish to the money.
--
-- grain: a payment intent
-- key: id

SELECT
    i.id,
    i.livemode,
    i.amount,
    i.amount_capturable,
    i.amount_received,
    i.application,
    i.application_fee_amount,
    utc(i.canceled_at) AS canceled_at,
    i.cancellation_reason,
    i.capture_method,
    i.confirmation_method,
    utc(i.created) AS created,
    i.currency,
    i.customer AS customer_id,
    i.description,
    CAST(i.metadata AS TEXT) AS metadata,
    i.payment_method AS payment_method_id,
    i.receipt_email,
    i.statement_descriptor,
    i.status,
    utc(COALESCE(y.inserted_at, i._updated_at)) AS _fivetran_synced, -- When it was loaded
    json_text(i.last_payment_error, 'charge') AS last_payment_error_charge_id,
    json_text(i.last_payment_error, 'code') AS last_payment_error_code,
    json_text(i.last_payment_error, 'decline_code') AS last_payment_error_decline_code,
    json_text(i.last_payment_error, 'doc_url') AS last_payment_error_doc_url,
    json_text(i.last_payment_error, 'message') AS last_payment_error_message,
    json_text(i.last_payment_error, 'param') AS last_payment_error_param,
    json_text(i.last_payment_error, 'source', 'id') AS last_payment_error_source_id,
    json_text(i.last_payment_error, 'type') AS last_payment_error_type,
    i.on_behalf_of,
    i.source AS source_id,
    i.transfer_data__destination AS transfer_data_destination,
    i.transfer_group
FROM raw.payment_intents AS i
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = i._dlt_load_id
WHERE NOT i.is_deleted
