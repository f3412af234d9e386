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

WITH invoice_entries AS (
    SELECT
        i.account_id,
        month_of(i.finalized_at) AS month,
        i.currency,
        1 AS invoices,
        i.total_excluding_tax_minor AS invoiced,
        i.discount_minor AS discounts,
        0 AS credit_notes,
        0 AS refunds,
        0 AS other_payments,
        i.tax_minor AS tax
    FROM invoices AS i
    WHERE i.finalized_at IS NOT NULL
        AND i.status NOT IN ('draft', 'void')
        AND NOT i.is_deleted
),

credit_note_entries AS (
    SELECT
        n._account_id AS account_id,
        month_of(n.created) AS month,
        n.currency,
        0 AS invoices,
        0 AS invoiced,
        0 AS discounts,
        COALESCE(n.total_excluding_tax, n.total) AS credit_notes,
        0 AS refunds,
        0 AS other_payments,
        0 AS tax
    FROM raw.credit_notes AS n
    LEFT JOIN raw.invoices AS i
        ON i._account_id = n._account_id
        AND i.id = n.invoice
    WHERE n.status = 'issued'
        AND NOT n.is_deleted
        AND COALESCE(i.status, '') <> 'void'
),

note_refund_items AS (
    SELECT
        n._account_id,
        json_items(n.refunds) AS item
    FROM raw.credit_notes AS n
    WHERE n.status = 'issued' AND NOT n.is_deleted
),

note_refunds AS (
    SELECT
        n._account_id,
        json_text(n.item, 'refund') AS refund_id,
        CAST(json_text(n.item, 'amount_refunded') AS BIGINT) AS amount
    FROM note_refund_items AS n
),

credited_refunds AS (
    SELECT
        n._account_id,
        n.refund_id,
        CAST(SUM(n.amount) AS BIGINT) AS amount
    FROM note_refunds AS n
    GROUP BY
        n._account_id,
        n.refund_id
),

refund_entries AS (
    SELECT
        r._account_id AS account_id,
        month_of(r.created) AS month,
        r.currency,
        0 AS invoices,
        0 AS invoiced,
        0 AS discounts,
        0 AS credit_notes,
        r.amount - COALESCE(c.amount, 0) AS refunds,
        0 AS other_payments,
        0 AS tax
    FROM raw.refunds AS r
    LEFT JOIN credited_refunds AS c
        ON c._account_id = r._account_id
        AND c.refund_id = r.id
    WHERE COALESCE(r.status, '') NOT IN ('failed', 'canceled')
        AND NOT r.is_deleted
        AND r.amount > COALESCE(c.amount, 0)
),

intents_of_invoices AS (
    SELECT DISTINCT
        p._account_id,
        p.payment__payment_intent AS payment_intent_id
    FROM raw.invoice_payments AS p
    WHERE p.payment__payment_intent IS NOT NULL AND NOT p.is_deleted
),

charges_of_invoices AS (
    SELECT DISTINCT
        p._account_id,
        p.payment__charge AS charge_id
    FROM raw.invoice_payments AS p
    WHERE p.payment__charge IS NOT NULL AND NOT p.is_deleted
),

charge_entries AS (
    SELECT
        c._account_id AS account_id,
        month_of(c.created) AS month,
        c.currency,
        0 AS invoices,
        0 AS invoiced,
        0 AS discounts,
        0 AS credit_notes,
        0 AS refunds,
        c.amount_captured AS other_payments,
        0 AS tax
    FROM raw.charges AS c
    LEFT JOIN intents_of_invoices AS pi
        ON pi._account_id = c._account_id
        AND pi.payment_intent_id = c.payment_intent
    LEFT JOIN charges_of_invoices AS ch
        ON ch._account_id = c._account_id
        AND ch.charge_id = c.id
    WHERE c.status = 'succeeded'
        AND c.amount_captured > 0
        AND NOT c.is_deleted
        AND pi.payment_intent_id IS NULL
        AND ch.charge_id IS NULL
),

entries AS (
    SELECT
        i.account_id,
        i.month,
        i.currency,
        i.invoices,
        i.invoiced,
        i.discounts,
        i.credit_notes,
        i.refunds,
        i.other_payments,
        i.tax
    FROM invoice_entries AS i
    UNION ALL
    SELECT
        n.account_id,
        n.month,
        n.currency,
        n.invoices,
        n.invoiced,
        n.discounts,
        n.credit_notes,
        n.refunds,
        n.other_payments,
        n.tax
    FROM credit_note_entries AS n
    UNION ALL
    SELECT
        r.account_id,
        r.month,
        r.currency,
        r.invoices,
        r.invoiced,
        r.discounts,
        r.credit_notes,
        r.refunds,
        r.other_payments,
        r.tax
    FROM refund_entries AS r
    UNION ALL
    SELECT
        c.account_id,
        c.month,
        c.currency,
        c.invoices,
        c.invoiced,
        c.discounts,
        c.credit_notes,
        c.refunds,
        c.other_payments,
        c.tax
    FROM charge_entries AS c
),

months AS (
    SELECT
        e.account_id,
        e.month,
        e.currency,
        LEAST(LAST_DAY(e.month), day_of($now)) AS rate_day,
        CAST(SUM(e.invoices) AS BIGINT) AS invoices,
        CAST(SUM(e.invoiced) AS BIGINT) AS invoiced,
        CAST(SUM(e.discounts) AS BIGINT) AS discounts,
        CAST(SUM(e.credit_notes) AS BIGINT) AS credit_notes,
        CAST(SUM(e.refunds) AS BIGINT) AS refunds,
        CAST(SUM(e.other_payments) AS BIGINT) AS other_payments,
        CAST(SUM(e.tax) AS BIGINT) AS tax
    FROM entries AS e
    GROUP BY
        e.account_id,
        e.month,
        e.currency
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
FROM months AS m
LEFT JOIN exchange_rates AS r
    ON r.account_id = m.account_id
    AND r.currency = m.currency
    AND r.valid_from <= m.rate_day
    AND (r.valid_to > m.rate_day OR r.valid_to IS NULL)
