-- Invoices, as they are now, drafts and void ones too.
--
-- The discounts are those of the invoice and of its lines. Where taxes are inclusive, subtotal and
-- discount have tax in them; total_excluding_tax never has.
--
-- grain: an invoice
-- key: invoice_id
-- one of: status: draft, open, paid, uncollectible, void
-- holds: tax_minor = total_minor - total_excluding_tax_minor

WITH discount_items AS (
    SELECT
        i._account_id,
        i.id,
        json_items(i.total_discount_amounts) AS item
    FROM raw.invoices AS i
),

discount_totals AS (
    SELECT
        d._account_id,
        d.id,
        CAST(SUM(CAST(json_text(d.item, 'amount') AS BIGINT)) AS BIGINT) AS discount
    FROM discount_items AS d
    GROUP BY
        d._account_id,
        d.id
)

SELECT
    i._account_id AS account_id,
    i.id AS invoice_id,
    i.customer AS customer_id,
    i.parent__subscription_details__subscription AS subscription_id, -- The subscription that it bills; null for a manual one
    i.number,
    i.status,
    i.billing_reason,
    i.collection_method,
    i.currency,
    major(i.subtotal, i.currency) AS subtotal, -- The lines after their own discounts, before those of the invoice and exclusive tax
    i.subtotal AS subtotal_minor,
    major(COALESCE(d.discount, 0), i.currency) AS discount, -- All discounts, of the invoice and of its lines
    COALESCE(d.discount, 0) AS discount_minor, -- All that discounts took off
    major(COALESCE(i.total_excluding_tax, i.total), i.currency) AS total_excluding_tax, -- After discounts, without any tax; shipping is in it
    COALESCE(i.total_excluding_tax, i.total) AS total_excluding_tax_minor, -- The total without taxes
    major(i.total - COALESCE(i.total_excluding_tax, i.total), i.currency) AS tax, -- All tax, inclusive and exclusive
    i.total - COALESCE(i.total_excluding_tax, i.total) AS tax_minor, -- What of the total is taxes
    i.total_taxes, -- The tax by rate, as JSON
    major(i.total, i.currency) AS total, -- After discounts, with tax
    i.total AS total_minor,
    major(i.amount_due, i.currency) AS amount_due, -- What is to be paid: the total, with what the customer's balance gave or added
    i.amount_due AS amount_due_minor,
    major(i.amount_paid, i.currency) AS amount_paid, -- In the currency's own unit
    i.amount_paid AS amount_paid_minor,
    major(i.amount_paid_off_stripe, i.currency) AS amount_paid_off_stripe, -- The part of amount_paid that was paid out of band
    i.amount_paid_off_stripe AS amount_paid_off_stripe_minor,
    major(i.amount_remaining, i.currency) AS amount_remaining, -- What is still to be paid, in the currency's own unit
    i.amount_remaining AS amount_remaining_minor,
    major(i.amount_overpaid, i.currency) AS amount_overpaid, -- What was paid too much
    i.amount_overpaid AS amount_overpaid_minor,
    major(i.amount_shipping, i.currency) AS amount_shipping, -- Shipping, tax in it
    i.amount_shipping AS amount_shipping_minor,
    major(i.starting_balance, i.currency) AS starting_balance, -- The customer's balance before it was finalized
    i.starting_balance AS starting_balance_minor,
    major(i.ending_balance, i.currency) AS ending_balance, -- The customer's balance after it was finalized
    i.ending_balance AS ending_balance_minor,
    major(i.pre_payment_credit_notes_amount, i.currency) AS pre_payment_credit_notes_amount, -- What credit notes took off before it was paid
    i.pre_payment_credit_notes_amount AS pre_payment_credit_notes_amount_minor,
    major(i.post_payment_credit_notes_amount, i.currency) AS post_payment_credit_notes_amount, -- What credit notes took back after it was paid
    i.post_payment_credit_notes_amount AS post_payment_credit_notes_amount_minor,
    i.attempted,
    i.attempt_count,
    i.auto_advance,
    i.created AS created_at,
    i.effective_at,
    i.period_start AS period_start_at, -- Of the usage that it bills; its lines have periods of their own
    i.period_end AS period_end_at,
    i.due_date AS due_at, -- For invoices that are sent
    i.next_payment_attempt AS next_payment_attempt_at,
    i.status_transitions__finalized_at AS finalized_at,
    i.status_transitions__paid_at AS paid_at,
    i.status_transitions__voided_at AS voided_at,
    i.status_transitions__marked_uncollectible_at AS marked_uncollectible_at,
    i.customer_name, -- As printed on it
    i.customer_email,
    i.customer_address__country AS customer_country,
    i.customer_tax_exempt,
    i.default_payment_method AS default_payment_method_id,
    i.from_invoice__invoice AS revised_invoice_id, -- The invoice that it is a revision of
    i.latest_revision AS latest_revision_id,
    i.receipt_number,
    i.description,
    i.hosted_invoice_url,
    i.invoice_pdf,
    i.metadata,
    i.livemode,
    i.is_deleted, -- Whether it is deleted, as drafts can be; such rows are here only with include_deleted
    i.deleted_at
FROM raw.invoices AS i
LEFT JOIN discount_totals AS d
    ON d._account_id = i._account_id
    AND d.id = i.id
WHERE $include_deleted OR NOT i.is_deleted
