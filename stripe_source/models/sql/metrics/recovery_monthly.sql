-- How much of failed payments was recovered, by the month of an invoice's first failure.
--
-- grain: a currency in a month
-- key: account_id, month, currency
-- holds: invoices = recovered_invoices + open_invoices + lost_invoices

WITH months AS (
    SELECT
        d.account_id,
        month_of(d.first_failed_at) AS month,
        d.currency,
        d.amount_due,
        d.amount_recovered,
        d.outcome
    FROM dunning AS d
)

SELECT
    m.account_id,
    m.month, -- Of the first failure: its first day, in the time zone
    m.currency,
    COUNT(*) AS invoices, -- How many failed
    SUM(m.amount_due) AS amount_due, -- What the invoices asked for
    COUNT(CASE WHEN m.outcome = 'recovered' THEN 1 END) AS recovered_invoices, -- Those that were paid after all
    SUM(m.amount_recovered) AS amount_recovered, -- What was paid after the first failure, whenever
    CAST(SUM(m.amount_recovered) AS DOUBLE) / NULLIF(CAST(SUM(m.amount_due) AS DOUBLE), 0) AS recovery_rate, -- amount_recovered / amount_due; null if nothing was due
    COUNT(CASE WHEN m.outcome = 'open' THEN 1 END) AS open_invoices, -- Those that are still open
    COUNT(CASE WHEN m.outcome = 'lost' THEN 1 END) AS lost_invoices -- Those that are lost
FROM months AS m
GROUP BY
    m.account_id,
    m.month,
    m.currency
