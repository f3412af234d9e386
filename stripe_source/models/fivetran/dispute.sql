-- Disputes of charges, with the evidence that was given.
--
-- grain: a dispute
-- key: id
-- optional: accounts

WITH connected AS (
    SELECT DISTINCT a.id
    FROM raw.accounts AS a
    WHERE a.id <> a._account_id
)

SELECT
    d.id,
    d.amount,
    d.charge AS charge_id,
    utc(d.created) AS created,
    d.reason,
    d.status,
    d.livemode,
    json_text(json_first(d.balance_transactions), 'id') AS balance_transaction, -- The first one, which took the amount back
    k.id AS connected_account_id, -- The account, where it is connected to one that is loaded, too
    d.currency,
    d.evidence__access_activity_log AS evidence_access_activity_log,
    d.evidence__billing_address AS evidence_billing_address,
    d.evidence__cancellation_policy AS evidence_cancellation_policy,
    d.evidence__cancellation_policy_disclosure AS evidence_cancellation_policy_disclosure,
    d.evidence__cancellation_rebuttal AS evidence_cancellation_rebuttal,
    d.evidence__customer_communication AS evidence_customer_communication,
    d.evidence__customer_email_address AS evidence_customer_email_address,
    d.evidence__customer_name AS evidence_customer_name,
    d.evidence__customer_purchase_ip AS evidence_customer_purchase_ip,
    d.evidence__customer_signature AS evidence_customer_signature,
    utc(d.evidence_details__due_by) AS evidence_details_due_by,
    d.evidence_details__has_evidence AS evidence_details_has_evidence,
    d.evidence_details__past_due AS evidence_details_past_due,
    d.evidence_details__submission_count AS evidence_details_submission_count,
    d.evidence__duplicate_charge_documentation AS evidence_duplicate_charge_documentation,
    d.evidence__duplicate_charge_explanation AS evidence_duplicate_charge_explanation,
    d.evidence__duplicate_charge_id AS evidence_duplicate_charge_id,
    d.evidence__product_description AS evidence_product_description,
    d.evidence__receipt AS evidence_receipt,
    d.evidence__refund_policy AS evidence_refund_policy,
    d.evidence__refund_policy_disclosure AS evidence_refund_policy_disclosure,
    d.evidence__refund_refusal_explanation AS evidence_refund_refusal_explanation,
    d.evidence__service_date AS evidence_service_date,
    d.evidence__service_documentation AS evidence_service_documentation,
    d.evidence__shipping_address AS evidence_shipping_address,
    d.evidence__shipping_carrier AS evidence_shipping_carrier,
    d.evidence__shipping_date AS evidence_shipping_date,
    d.evidence__shipping_documentation AS evidence_shipping_documentation,
    d.evidence__shipping_tracking_number AS evidence_shipping_tracking_number,
    d.evidence__uncategorized_file AS evidence_uncategorized_file,
    d.evidence__uncategorized_text AS evidence_uncategorized_text,
    d.is_charge_refundable,
    CAST(d.metadata AS TEXT) AS metadata,
    utc(COALESCE(y.inserted_at, d._updated_at)) AS _fivetran_synced -- When it was loaded
FROM raw.disputes AS d
LEFT JOIN connected AS k
    ON k.id = d._account_id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = d._dlt_load_id
WHERE NOT d.is_deleted
