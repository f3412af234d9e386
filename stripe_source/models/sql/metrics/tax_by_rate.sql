-- Tax by month and tax rate: what invoices have, and what credit notes took back.
--
-- Invoices are in the month in which they were finalized, all but void ones; credit notes in the
-- month in which they were made.
--
-- grain: a tax rate and currency in a month
-- key: account_id, month, currency, tax_rate_id
-- holds: net_tax = tax - tax_credited

WITH tax_items AS (
    SELECT
        account_id,
        month,
        currency,
        kind,
        json_items(total_taxes) AS item
    FROM revenue_documents
),

taxes AS (
    SELECT
        t.account_id,
        t.month,
        t.currency,
        t.kind,
        COALESCE(json_text(t.item, 'tax_rate_details', 'tax_rate'), 'unknown') AS tax_rate_id,
        json_text(t.item, 'tax_behavior') AS tax_behavior,
        CAST(json_text(t.item, 'taxable_amount') AS BIGINT) AS taxable_amount,
        CAST(json_text(t.item, 'amount') AS BIGINT) AS amount
    FROM tax_items AS t
),

months AS (
    SELECT
        t.account_id,
        t.month,
        t.currency,
        t.tax_rate_id,
        MAX(CASE WHEN t.tax_behavior = 'inclusive' THEN 1 ELSE 0 END) AS inclusive,
        CAST(SUM(CASE WHEN t.kind = 'invoice' THEN COALESCE(t.taxable_amount, 0) ELSE 0 END) AS BIGINT) AS taxable_amount,
        CAST(SUM(CASE WHEN t.kind = 'invoice' THEN t.amount ELSE 0 END) AS BIGINT) AS tax,
        CAST(SUM(CASE WHEN t.kind = 'invoice' THEN 0 ELSE t.amount END) AS BIGINT) AS tax_credited
    FROM taxes AS t
    GROUP BY
        t.account_id,
        t.month,
        t.currency,
        t.tax_rate_id
)

SELECT
    m.account_id,
    m.month, -- Its first day, in the time zone
    m.currency,
    m.tax_rate_id, -- 'unknown' for tax that names no rate
    r.display_name,
    r.percentage, -- In percent; null for a flat amount
    m.inclusive = 1 AS inclusive, -- Whether prices have it in them
    r.jurisdiction,
    r.country,
    major(m.taxable_amount, m.currency) AS taxable_amount, -- What the invoices' tax is on
    major(m.tax, m.currency) AS tax, -- On invoices
    major(m.tax_credited, m.currency) AS tax_credited, -- On credit notes
    major(m.tax - m.tax_credited, m.currency) AS net_tax -- tax - tax_credited
FROM months AS m
LEFT JOIN raw.tax_rates AS r
    ON r._account_id = m.account_id
    AND r.id = m.tax_rate_id
