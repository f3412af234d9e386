-- Trials by month: started, ended and converted.
--
-- The rate is that of the trials that ended in the month, whenever they started.
--
-- grain: a month
-- key: account_id, month
-- holds: trials_converted <= trials_ended

WITH entries AS (
    SELECT
        t.account_id,
        month_of(t.trial_start_at) AS month,
        1 AS started,
        0 AS ended,
        0 AS converted
    FROM trials AS t
    UNION ALL
    SELECT
        t.account_id,
        month_of(t.ended_at) AS month,
        0 AS started,
        1 AS ended,
        CASE WHEN t.outcome = 'converted' THEN 1 ELSE 0 END AS converted
    FROM trials AS t
    WHERE t.ended_at IS NOT NULL
)

SELECT
    e.account_id,
    e.month, -- Its first day, in the time zone
    CAST(SUM(e.started) AS BIGINT) AS trials_started, -- Trials that began in the month
    CAST(SUM(e.ended) AS BIGINT) AS trials_ended, -- Converted, canceled and paused ones
    CAST(SUM(e.converted) AS BIGINT) AS trials_converted, -- Of those that ended in the month
    CAST(SUM(e.converted) AS DOUBLE) / NULLIF(SUM(e.ended), 0) AS conversion_rate -- trials_converted / trials_ended; null if none ended
FROM entries AS e
GROUP BY
    e.account_id,
    e.month
