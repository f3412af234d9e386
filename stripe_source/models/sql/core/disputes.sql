-- Disputes of charges, and what they have cost so far.
--
-- balance_amount, balance_fee and balance_net add up the balance transactions whose source is the
-- dispute, in the currency of the balance: what was withdrawn, and after a win, what came back.
-- They are null where there is none, as for inquiries.
--
-- grain: a dispute
-- key: dispute_id
-- holds: balance_net_minor IS NULL OR balance_net_minor = balance_amount_minor - balance_fee_minor
-- optional: balance_transactions

WITH movements AS (
    SELECT
        b._account_id,
        b.source,
        MIN(b.currency) AS currency,
        CAST(SUM(b.amount) AS BIGINT) AS amount,
        CAST(SUM(b.fee) AS BIGINT) AS fee,
        CAST(SUM(b.net) AS BIGINT) AS net
    FROM raw.balance_transactions AS b
    WHERE b.source IS NOT NULL AND NOT b.is_deleted
    GROUP BY
        b._account_id,
        b.source
)

SELECT
    d._account_id AS account_id,
    d.id AS dispute_id,
    d.charge AS charge_id,
    d.payment_intent AS payment_intent_id,
    COALESCE(bc.invoice_id, bi.invoice_id) AS invoice_id, -- The invoice that the disputed payment paid
    d.status,
    d.reason,
    d.network_reason_code,
    d.currency AS currency,
    major(d.amount, d.currency) AS amount, -- What is disputed
    d.amount AS amount_minor,
    m.currency AS balance_currency, -- The currency of the balance
    major(m.amount, m.currency) AS balance_amount, -- What it moved so far, without fees; below 0 if withdrawn
    m.amount AS balance_amount_minor, -- What it moved on the balance so far
    major(m.fee, m.currency) AS balance_fee, -- Its fees
    m.fee AS balance_fee_minor, -- What Stripe's fees for it are so far
    major(m.net, m.currency) AS balance_net, -- Its effect on the balance: balance_amount - balance_fee
    m.net AS balance_net_minor, -- What it did to the balance so far, fees included
    d.is_charge_refundable,
    d.evidence_details__due_by AS evidence_due_at,
    d.evidence_details__has_evidence AS has_evidence,
    d.evidence_details__past_due AS evidence_past_due,
    d.evidence_details__submission_count AS evidence_submission_count,
    d.created AS created_at,
    d.metadata,
    d.livemode,
    d.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    d.deleted_at
FROM raw.disputes AS d
LEFT JOIN movements AS m
    ON m._account_id = d._account_id
    AND m.source = d.id
LEFT JOIN payment_invoices AS bi
    ON bi.account_id = d._account_id
    AND bi.paid_by_id = d.payment_intent
LEFT JOIN payment_invoices AS bc
    ON bc.account_id = d._account_id
    AND bc.paid_by_id = d.charge
WHERE $include_deleted OR NOT d.is_deleted
