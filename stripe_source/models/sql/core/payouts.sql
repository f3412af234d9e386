-- Payouts to the bank, failed ones too.
--
-- grain: a payout
-- key: payout_id

SELECT
    p._account_id AS account_id,
    p.id AS payout_id,
    p.balance_transaction AS balance_transaction_id,
    p.failure_balance_transaction AS failure_balance_transaction_id, -- With which the money of a failed payout came back
    p.destination AS destination_id, -- The bank account or card
    p.original_payout AS original_payout_id, -- The payout that it reverses
    p.reversed_by AS reversed_by_payout_id,
    p.status,
    p.automatic, -- Whether Stripe made it by the schedule; else it was made by hand
    p.type,
    p.method,
    p.source_type,
    p.reconciliation_status, -- Whether what is in it is known: completed, in_progress or not_applicable
    p.currency,
    major(p.amount, p.currency) AS amount, -- Below 0 if the bank account was debited
    p.amount AS amount_minor,
    p.created AS created_at,
    p.arrival_date AS arrival_at, -- When it arrives, or should
    p.failure_code,
    p.failure_message,
    p.description,
    p.statement_descriptor,
    p.trace_id__value AS trace_id, -- The bank's number for it
    p.metadata,
    p.livemode,
    p.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    p.deleted_at
FROM raw.payouts AS p
WHERE $include_deleted OR NOT p.is_deleted
