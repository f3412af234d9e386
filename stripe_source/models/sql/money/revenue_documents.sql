-- What is revenue: invoices that were finalized, in the month in which they were, open and
-- uncollectible ones too; and what takes it back: credit notes, in the month in which they were made.
-- Void ones are neither, nor are credit notes of void invoices.
--
-- grain: an invoice or credit note
-- key: document_id
-- one of: kind: invoice, credit_note

SELECT
    i.account_id,
    i.invoice_id AS document_id, -- The invoice's or credit note's id
    'invoice' AS kind, -- invoice or credit_note
    month_of(i.finalized_at) AS month, -- The month in which it counts
    i.currency,
    i.total_excluding_tax_minor,
    i.discount_minor,
    i.tax_minor,
    i.total_taxes -- By tax rate, as JSON
FROM invoices AS i
WHERE
    i.finalized_at <= $now
    AND i.status NOT IN ('draft', 'void')
    AND NOT i.is_deleted
UNION ALL
SELECT
    n.account_id,
    n.credit_note_id,
    'credit_note',
    month_of(n.created_at),
    n.currency,
    n.total_excluding_tax_minor,
    n.discount_minor,
    n.tax_minor,
    n.total_taxes
FROM credit_notes AS n
LEFT JOIN raw.invoices AS i ON i._account_id = n.account_id AND i.id = n.invoice_id
WHERE
    n.status = 'issued'
    AND n.created_at <= $now
    AND NOT n.is_deleted
    AND COALESCE(i.status, '') <> 'void'
