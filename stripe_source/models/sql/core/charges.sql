-- Charges: attempts to take money, failed ones too.
--
-- grain: a charge
-- key: charge_id
-- one of: status: succeeded, pending, failed

SELECT
    c._account_id AS account_id,
    c.id AS charge_id,
    c.customer AS customer_id,
    COALESCE(bc.invoice_id, bi.invoice_id) AS invoice_id, -- The invoice that it pays, through invoice payments; null for a payment without one
    c.payment_intent AS payment_intent_id,
    c.payment_method AS payment_method_id,
    c.balance_transaction AS balance_transaction_id,
    c.status,
    c.currency,
    major(c.amount, c.currency) AS amount, -- What was asked for
    c.amount AS amount_minor,
    major(c.amount_captured, c.currency) AS amount_captured, -- What was taken
    c.amount_captured AS amount_captured_minor,
    major(c.amount_refunded, c.currency) AS amount_refunded, -- What of it was refunded, in the currency's own unit
    c.amount_refunded AS amount_refunded_minor,
    major(c.application_fee_amount, c.currency) AS application_fee_amount, -- What the platform takes of it
    c.application_fee_amount AS application_fee_amount_minor,
    c.paid,
    c.captured,
    c.refunded, -- Whether all of it was refunded
    c.disputed,
    json_text(c.payment_method_details, 'type') AS payment_method_type, -- card, sepa_debit, ...
    json_text(c.payment_method_details, 'card', 'brand') AS card_brand, -- visa, mastercard, amex, ...
    json_text(c.payment_method_details, 'card', 'country') AS card_country, -- Where the card was issued
    json_text(c.payment_method_details, 'card', 'funding') AS card_funding, -- credit, debit, prepaid or unknown
    json_text(c.payment_method_details, 'card', 'last4') AS card_last4, -- The last four digits of its number
    json_text(c.payment_method_details, 'card', 'wallet', 'type') AS card_wallet, -- apple_pay, google_pay, ...
    c.failure_code,
    c.failure_message,
    c.outcome__type AS outcome_type, -- authorized, manual_review, issuer_declined, blocked or invalid
    c.outcome__reason AS outcome_reason,
    c.outcome__network_status AS outcome_network_status,
    c.outcome__network_decline_code AS outcome_network_decline_code,
    c.outcome__advice_code AS outcome_advice_code,
    c.outcome__seller_message AS outcome_seller_message,
    c.outcome__risk_level AS risk_level,
    c.outcome__risk_score AS risk_score,
    c.billing_details__name AS billing_name,
    c.billing_details__email AS billing_email,
    c.billing_details__address__country AS billing_country,
    c.billing_details__address__postal_code AS billing_postal_code,
    c.description,
    c.statement_descriptor,
    c.receipt_email,
    c.receipt_number,
    c.receipt_url,
    c.created AS created_at,
    c.metadata,
    c.livemode,
    c.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    c.deleted_at
FROM raw.charges AS c
LEFT JOIN payment_invoices AS bi
    ON bi.account_id = c._account_id
    AND bi.paid_by_id = c.payment_intent
LEFT JOIN payment_invoices AS bc
    ON bc.account_id = c._account_id
    AND bc.paid_by_id = c.id
WHERE $include_deleted OR NOT c.is_deleted
