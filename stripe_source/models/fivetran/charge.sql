-- Charges: attempts to take money, failed ones too.
--
-- grain: a charge
-- key: id
-- optional: accounts, invoice_payments

WITH connected AS (
    SELECT DISTINCT a.id
    FROM raw.accounts AS a
    WHERE a.id <> a._account_id
),

payment_invoices AS (
    SELECT
        p._account_id,
        COALESCE(p.payment__payment_intent, p.payment__charge) AS paid_by,
        COALESCE(
            MIN(CASE WHEN p.status = 'paid' THEN p.invoice END),
            MIN(CASE WHEN p.status = 'open' THEN p.invoice END),
            MIN(p.invoice)
        ) AS invoice
    FROM raw.invoice_payments AS p
    WHERE NOT p.is_deleted
    GROUP BY
        p._account_id,
        COALESCE(p.payment__payment_intent, p.payment__charge)
)

SELECT
    c.id,
    c.amount,
    c.balance_transaction AS balance_transaction_id,
    c.captured,
    COALESCE(CASE WHEN json_text(c.source, 'object') = 'card' THEN json_text(c.source, 'id') END, c.payment_method) AS card_id, -- Its card; of a payment method that itself, which card has, too
    k.id AS connected_account_id, -- The account, where it is connected to one that is loaded, too
    utc(c.created) AS created,
    c.currency,
    c.customer AS customer_id,
    COALESCE(bc.invoice, bi.invoice) AS invoice_id, -- The invoice that it pays, through invoice payments
    c.payment_intent AS payment_intent_id,
    c.payment_method AS payment_method_id,
    c.receipt_email,
    c.refunded,
    c.shipping__address__city AS shipping_address_city,
    c.shipping__address__country AS shipping_address_country,
    c.shipping__address__line1 AS shipping_address_line_1,
    c.shipping__address__line2 AS shipping_address_line_2,
    c.shipping__address__postal_code AS shipping_address_postal_code,
    c.shipping__address__state AS shipping_address_state,
    c.statement_descriptor,
    c.status,
    c.livemode,
    c.amount_refunded,
    c.application_fee_amount,
    c.billing_details__address__city AS billing_detail_address_city,
    c.billing_details__address__country AS billing_detail_address_country,
    c.billing_details__address__line1 AS billing_detail_address_line1,
    c.billing_details__address__line2 AS billing_detail_address_line2,
    c.billing_details__address__postal_code AS billing_detail_address_postal_code,
    c.billing_details__address__state AS billing_detail_address_state,
    c.billing_details__email AS billing_detail_email,
    c.billing_details__name AS billing_detail_name,
    c.billing_details__phone AS billing_detail_phone,
    c.calculated_statement_descriptor,
    c.description,
    c.failure_code,
    c.failure_message,
    CAST(c.metadata AS TEXT) AS metadata,
    c.paid,
    c.receipt_number,
    c.shipping__carrier AS shipping_carrier,
    c.shipping__name AS shipping_name,
    c.shipping__phone AS shipping_phone,
    c.shipping__tracking_number AS shipping_tracking_number,
    json_text(c.source, 'id') AS source_id,
    c.source_transfer,
    utc(COALESCE(y.inserted_at, c._updated_at)) AS _fivetran_synced, -- When it was loaded
    c.application,
    CASE WHEN json_text(c.source, 'object') = 'bank_account' THEN json_text(c.source, 'id') END AS bank_account_id,
    c.transfer_data__destination AS destination,
    c.fraud_details__stripe_report AS fraud_details_stripe_report,
    c.fraud_details__user_report AS fraud_details_user_report,
    c.on_behalf_of,
    c.outcome__network_status AS outcome_network_status,
    c.outcome__reason AS outcome_reason,
    c.outcome__risk_level AS outcome_risk_level,
    c.outcome__risk_score AS outcome_risk_score,
    c.outcome__seller_message AS outcome_seller_message,
    c.outcome__type AS outcome_type,
    c.receipt_url,
    c.transfer_data__destination AS transfer_data_destination,
    c.transfer_group,
    c.transfer AS transfer_id
FROM raw.charges AS c
LEFT JOIN connected AS k
    ON k.id = c._account_id
LEFT JOIN payment_invoices AS bi
    ON bi._account_id = c._account_id
    AND bi.paid_by = c.payment_intent
LEFT JOIN payment_invoices AS bc
    ON bc._account_id = c._account_id
    AND bc.paid_by = c.id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = c._dlt_load_id
WHERE NOT c.is_deleted
