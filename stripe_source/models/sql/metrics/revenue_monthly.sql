-- Revenue by month: what was invoiced and paid otherwise, less what was credited and refunded.
--
-- Invoices are in the month in which they were finalized, all but void ones: open and uncollectible
-- ones are revenue too. Credit notes, refunds and charges are in the month in which they were made.
--
-- All is without tax, but for refunds, other_payments and the discounts of tax-inclusive lines: no
-- document says how much of these is tax. A refund that belongs to a credit note is in
-- credit_notes alone; disputes are not subtracted.
--
-- grain: a currency in a month
-- key: account_id, month, currency
-- holds: gross - discounts = invoiced
-- holds: net_revenue = invoiced + other_payments - credit_notes - refunds
-- needs: invoice_payments

WITH entries AS (
    SELECT
        account_id,
        month,
        currency,
        1 AS invoices,
        total_excluding_tax_minor AS invoiced,
        discount_minor AS discounts,
        0 AS credit_notes,
        0 AS refunds,
        0 AS other_payments,
        tax_minor AS tax
    FROM revenue_documents
    WHERE kind = 'invoice'
    UNION ALL
    SELECT account_id, month, currency, 0, 0, 0, total_excluding_tax_minor, 0, 0, 0
    FROM revenue_documents
    WHERE kind = 'credit_note'
    UNION ALL
    SELECT
        account_id, month_of(created_at), currency, 0, 0, 0, 0, amount_minor - credited_minor, 0, 0
    FROM refunds
    WHERE
        COALESCE(status, '') NOT IN ('failed', 'canceled')
        AND NOT is_deleted
        AND amount_minor > credited_minor
        AND created_at <= $now
    UNION ALL
    SELECT account_id, month_of(created_at), currency, 0, 0, 0, 0, 0, amount_captured_minor, 0
    FROM charges
    WHERE
        status = 'succeeded'
        AND amount_captured_minor > 0
        AND NOT is_deleted
        AND invoice_id IS NULL
        AND created_at <= $now
),

sums AS (
    SELECT
        account_id,
        month,
        currency,
        CAST(SUM(invoices) AS BIGINT) AS invoices,
        CAST(SUM(invoiced) AS BIGINT) AS invoiced,
        CAST(SUM(discounts) AS BIGINT) AS discounts,
        CAST(SUM(credit_notes) AS BIGINT) AS credit_notes,
        CAST(SUM(refunds) AS BIGINT) AS refunds,
        CAST(SUM(other_payments) AS BIGINT) AS other_payments,
        CAST(SUM(tax) AS BIGINT) AS tax
    FROM entries
    GROUP BY account_id, month, currency
)

SELECT
    m.account_id AS account_id,
    m.month, -- Its first day, in the time zone
    m.currency AS currency,
    m.invoices, -- How many were finalized
    major(m.invoiced + m.discounts, m.currency) AS gross, -- Before discounts and without tax
    major(m.discounts, m.currency) AS discounts, -- All discounts, of the invoices and their lines
    major(m.invoiced, m.currency) AS invoiced, -- gross - discounts: the invoices' total_excluding_tax
    major(m.credit_notes, m.currency) AS credit_notes, -- Without tax, before and after payment
    major(m.refunds, m.currency) AS refunds, -- Those that no credit note accounts for, and that did not fail
    major(m.other_payments, m.currency) AS other_payments, -- Captured charges without an invoice
    major(m.invoiced + m.other_payments - m.credit_notes - m.refunds, m.currency) AS net_revenue, -- invoiced + other_payments - credit_notes - refunds
    major(m.tax, m.currency) AS tax, -- On the invoices; what credit notes took back is in tax_by_rate
    major(m.invoiced + m.other_payments - m.credit_notes - m.refunds, m.currency) * r.rate AS net_revenue_converted -- In the reporting currency, at the rate of the month's last day, or now's; null without one
FROM sums AS m
LEFT JOIN month_rates AS r
    ON r.account_id = m.account_id
    AND r.currency = m.currency
    AND r.month = m.month
