-- The months up to now, in the time zone of the settings.
--
-- grain: a month
-- key: month

WITH digits AS (
    SELECT n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (n)
),

numbers AS (
    SELECT h.n * 100 + t.n * 10 + u.n AS number
    FROM digits AS h
    CROSS JOIN digits AS t
    CROSS JOIN digits AS u
),

-- A text, as dialects make dates of numbers in ways of their own.
months AS (
    SELECT
        number,
        CAST(
            CAST(CAST(2000 + FLOOR(number / 12) AS INTEGER) AS VARCHAR) || '-'
            || LPAD(CAST(number % 12 + 1 AS VARCHAR), 2, '0') || '-01' AS DATE
        ) AS month,
        CAST(
            CAST(CAST(2000 + FLOOR((number + 1) / 12) AS INTEGER) AS VARCHAR) || '-'
            || LPAD(CAST((number + 1) % 12 + 1 AS VARCHAR), 2, '0') || '-01' AS DATE
        ) AS next_month
    FROM numbers
)

SELECT
    m.number, -- From January 2000: some subscriptions are dated back
    m.month, -- Its first day
    start_of(m.month) AS begins_at, -- When the month begins, in the time zone of the settings
    start_of(m.next_month) AS ends_at, -- The first moment of the next month
    CASE
        WHEN m.month = month_of($now) THEN day_of($now)
        ELSE CAST(m.next_month - INTERVAL 1 DAY AS DATE)
    END AS last_day, -- Today in the month that has begun
    m.month = month_of($now) AS is_current -- Whether it is the month that has begun
FROM months AS m
WHERE m.month <= month_of($now)
