-- The invoice that a payment pays, where it pays one: of several one that it has paid, else one that
-- it is to pay, and of those the one whose id is the least.
--
-- grain: a payment intent or charge of an invoice
-- key: paid_by_id
-- optional: invoice_payments

SELECT
    p._account_id AS account_id,
    COALESCE(p.payment__payment_intent, p.payment__charge) AS paid_by_id, -- A payment intent, or a charge without one
    COALESCE(
        MIN(CASE WHEN p.status = 'paid' THEN p.invoice END),
        MIN(CASE WHEN p.status = 'open' THEN p.invoice END),
        MIN(p.invoice)
    ) AS invoice_id -- The invoice that is paid
FROM raw.invoice_payments AS p
WHERE
    COALESCE(p.payment__payment_intent, p.payment__charge) IS NOT NULL
    AND NOT p.is_deleted
GROUP BY p._account_id, COALESCE(p.payment__payment_intent, p.payment__charge)
