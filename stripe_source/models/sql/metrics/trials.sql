-- Trials of subscriptions, and what came of them.
--
-- A trial is converted when its subscription goes on after it, whether or not the first invoice is
-- paid. A subscription that ends within an hour of its trial's end was ended with it: Stripe takes
-- minutes for that. One that was paused and then ended is told from the history, where loaded.
--
-- grain: a subscription that has or had a trial
-- key: subscription_id
-- refers: subscription_id -> subscriptions.subscription_id
-- one of: outcome: running, converted, canceled, paused
-- holds: (ended_at IS NULL) = (outcome = 'running')
-- optional: subscriptions_history

WITH statuses_seen AS (
    SELECT
        h._account_id,
        h.id,
        MAX(CASE WHEN h.status = 'paused' THEN 1 ELSE 0 END) AS was_paused,
        MAX(
            CASE
                WHEN h.status IN ('active', 'past_due', 'unpaid') AND h.valid_from >= h.trial_end THEN 1
                ELSE 0
            END
        ) AS was_active_after
    FROM raw.subscriptions_history AS h
    GROUP BY
        h._account_id,
        h.id
),

trial_outcomes AS (
    SELECT
        s.account_id,
        s.subscription_id,
        s.customer_id,
        s.trial_start_at,
        s.trial_end_at,
        s.ended_at AS subscription_ended_at,
        CASE
            WHEN s.status IN ('trialing', 'incomplete') THEN 'running'
            WHEN s.status = 'paused' THEN 'paused'
            WHEN s.status IN ('canceled', 'incomplete_expired')
                AND s.ended_at <= s.trial_end_at + INTERVAL 1 HOUR THEN 'canceled'
            WHEN s.status = 'canceled' AND h.was_paused = 1 AND h.was_active_after = 0 THEN 'paused'
            ELSE 'converted'
        END AS outcome
    FROM subscriptions AS s
    LEFT JOIN statuses_seen AS h
        ON h._account_id = s.account_id
        AND h.id = s.subscription_id
    WHERE s.trial_start_at IS NOT NULL
        AND s.trial_end_at IS NOT NULL
        AND NOT s.is_deleted
)

SELECT
    t.account_id,
    t.subscription_id,
    t.customer_id,
    t.trial_start_at,
    t.trial_end_at, -- When it ends, or was to end
    t.outcome, -- running, converted, canceled: ended with or before the trial, or paused: the trial ended without a payment method
    CASE
        WHEN t.outcome = 'running' THEN NULL
        WHEN t.outcome = 'canceled' AND t.subscription_ended_at < t.trial_end_at THEN t.subscription_ended_at
        ELSE t.trial_end_at
    END AS ended_at -- When it ended: at its end, or before, when it was canceled
FROM trial_outcomes AS t
