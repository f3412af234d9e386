-- Balance transactions: all that moves the balance, in the currency of the balance.
--
-- source_amount is in the currency in which the source was made, where that is known: for charges,
-- refunds and disputes, and where nothing was converted.
--
-- grain: a balance transaction
-- key: balance_transaction_id
-- holds: net_minor = amount_minor - fee_minor
-- optional: charges, refunds, disputes

WITH sources AS (
    SELECT
        c._account_id,
        c.id,
        'charge' AS kind,
        c.id AS charge_id,
        c.customer,
        c.currency,
        c.amount_captured AS amount
    FROM raw.charges AS c
    UNION ALL
    SELECT
        r._account_id,
        r.id,
        'refund' AS kind,
        r.charge AS charge_id,
        r.customer,
        r.currency,
        r.amount
    FROM raw.refunds AS r
    UNION ALL
    SELECT
        d._account_id,
        d.id,
        'dispute' AS kind,
        d.charge AS charge_id,
        CAST(NULL AS VARCHAR) AS customer,
        d.currency,
        d.amount
    FROM raw.disputes AS d
),

with_source AS (
    SELECT
        b._account_id,
        b.id,
        s.kind,
        s.charge_id,
        s.customer,
        CASE
            WHEN b.exchange_rate IS NULL THEN b.currency
            WHEN s.kind <> 'charge' OR b.type IN ('charge', 'payment') THEN s.currency
        END AS source_currency,
        CASE
            WHEN b.exchange_rate IS NULL THEN b.amount
            WHEN s.kind = 'charge' AND b.type IN ('charge', 'payment') THEN s.amount
            WHEN s.kind <> 'charge' AND b.amount < 0 THEN -s.amount
            WHEN s.kind <> 'charge' THEN s.amount
        END AS source_amount
    FROM raw.balance_transactions AS b
    LEFT JOIN sources AS s
        ON s._account_id = b._account_id
        AND s.id = b.source
)

SELECT
    b._account_id AS account_id,
    b.id AS balance_transaction_id,
    b.source AS source_id, -- The object that made it
    s.charge_id, -- The charge that it is about: its own, or the one refunded or disputed
    CASE WHEN s.kind = 'refund' THEN b.source END AS refund_id, -- The refund that it is of
    CASE WHEN s.kind = 'dispute' THEN b.source END AS dispute_id, -- The dispute that it is of
    CASE WHEN b.type IN ('payout', 'payout_cancel', 'payout_failure') THEN b.source END AS payout_id, -- The payout that made it; what is in a payout is not here
    s.customer AS customer_id, -- The customer of the charge or refund
    b.type,
    b.reporting_category, -- What it is, coarser than type
    b.balance_type,
    b.status, -- available or pending
    b.currency,
    major(b.amount, b.currency) AS amount, -- Before fees; below 0 if it leaves the balance
    b.amount AS amount_minor,
    major(b.fee, b.currency) AS fee, -- What Stripe and the platform took, in the currency's own unit
    b.fee AS fee_minor,
    major(b.net, b.currency) AS net, -- amount - fee
    b.net AS net_minor,
    s.source_currency, -- The currency in which the source was made
    major(s.source_amount, s.source_currency) AS source_amount, -- The amount in it; null where it is not known
    s.source_amount AS source_amount_minor, -- The amount of what it is of, in its own currency
    b.exchange_rate, -- From source_currency to currency, as Stripe has it; null if nothing was converted
    b.fee_details,
    b.description,
    b.created AS created_at,
    b.available_on AS available_at, -- When it can be paid out
    b.is_deleted, -- Whether it is gone from the account; such rows are here only with include_deleted
    b.deleted_at
FROM raw.balance_transactions AS b
LEFT JOIN with_source AS s
    ON s._account_id = b._account_id
    AND s.id = b.id
WHERE $include_deleted OR NOT b.is_deleted
