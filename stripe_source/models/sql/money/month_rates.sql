-- The exchange rate of each currency at the end of each month, or now in the month that has begun.
--
-- grain: a currency in a month
-- key: currency, month

SELECT
    r.account_id,
    r.currency, -- The currency that is converted
    m.month,
    r.rate, -- Units of the reporting currency for one unit
    COALESCE(LAG(r.rate) OVER (PARTITION BY r.account_id, r.currency ORDER BY m.month), r.rate) AS rate_before -- That of the month before
FROM months AS m
INNER JOIN exchange_rates AS r
    ON r.valid_from <= m.last_day AND (r.valid_to IS NULL OR r.valid_to > m.last_day)
