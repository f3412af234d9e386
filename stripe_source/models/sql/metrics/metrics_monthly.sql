-- Subscribers, MRR in the reporting currency, and the rates that follow from them, by month.
--
-- subscriber_churn_rate: those who left, of those who were there or came in the month.
-- nrr: what became of the MRR at the start, with expansion and reactivation; grr without them.
-- arpu: MRR for each subscriber at the end; ltv: arpu / subscriber_churn_rate.
-- A rate is null where there is nothing to divide by. MRR in a currency without a rate is left out;
-- currencies_without_rate says of how many.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary, there over 30 days;
-- metrics_now has these.
--
-- grain: a month
-- key: month
-- holds: active_subscribers_start + subscribers_new + subscribers_reactivated - subscribers_churned = active_subscribers_end

WITH counts AS (
    SELECT
        account_id,
        month_of(changed_at) AS month,
        SUM(CASE WHEN movement = 'new' THEN 1 ELSE 0 END) AS new,
        SUM(CASE WHEN movement = 'reactivated' THEN 1 ELSE 0 END) AS reactivated,
        SUM(CASE WHEN movement = 'churned' THEN 1 ELSE 0 END) AS churned
    FROM subscriber_changes
    WHERE changed_at <= $now
    GROUP BY account_id, month_of(changed_at)
),

begins AS (
    SELECT account_id, MIN(month) AS month FROM counts GROUP BY account_id
),

subscribers AS (
    SELECT
        b.account_id,
        m.month,
        COALESCE(c.new, 0) AS new,
        COALESCE(c.reactivated, 0) AS reactivated,
        COALESCE(c.churned, 0) AS churned,
        SUM(COALESCE(c.new, 0) + COALESCE(c.reactivated, 0) - COALESCE(c.churned, 0)) OVER (
            PARTITION BY b.account_id ORDER BY m.month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS active_end
    FROM begins AS b
    INNER JOIN months AS m ON m.month >= b.month
    LEFT JOIN counts AS c ON c.account_id = b.account_id AND c.month = m.month
),

money AS (
    SELECT
        account_id,
        month,
        SUM(mrr_start_converted) AS mrr_start,
        SUM(new_converted) AS new,
        SUM(expansion_converted) AS expansion,
        SUM(contraction_converted) AS contraction,
        SUM(churn_converted) AS churn,
        SUM(reactivation_converted) AS reactivation,
        SUM(currency_effect_converted) AS currency_effect,
        SUM(mrr_end_converted) AS mrr_end,
        SUM(CASE WHEN mrr_end_converted IS NULL THEN 1 ELSE 0 END) AS without_rate
    FROM mrr_monthly
    GROUP BY account_id, month
),

together AS (
    SELECT
        s.account_id,
        s.month,
        c.currency,
        s.active_end - s.new - s.reactivated + s.churned AS active_start,
        s.new AS subscribers_new,
        s.reactivated AS subscribers_reactivated,
        s.churned AS subscribers_churned,
        s.active_end,
        COALESCE(m.mrr_start, 0) AS mrr_start,
        COALESCE(m.new, 0) AS new,
        COALESCE(m.expansion, 0) AS expansion,
        COALESCE(m.contraction, 0) AS contraction,
        COALESCE(m.churn, 0) AS churn,
        COALESCE(m.reactivation, 0) AS reactivation,
        COALESCE(m.currency_effect, 0) AS currency_effect,
        COALESCE(m.mrr_end, 0) AS mrr_end,
        COALESCE(m.without_rate, 0) AS without_rate
    FROM subscribers AS s
    INNER JOIN reporting_currency AS c ON c.account_id = s.account_id
    LEFT JOIN money AS m ON m.account_id = s.account_id AND m.month = s.month
)

SELECT
    account_id,
    month, -- Its first day
    currency, -- The reporting currency, that all amounts are in
    active_start AS active_subscribers_start,
    subscribers_new,
    subscribers_reactivated,
    subscribers_churned,
    active_end AS active_subscribers_end,
    subscribers_churned * 1.0 / NULLIF(active_start + subscribers_new, 0) AS subscriber_churn_rate, -- churned / (active at start + new)
    mrr_start,
    new,
    expansion,
    contraction, -- Below 0
    churn, -- Below 0
    reactivation,
    currency_effect, -- What the exchange rates did to the MRR that was there
    mrr_end,
    -(churn + contraction) AS churned_revenue, -- MRR that left or shrank
    (mrr_start + expansion + contraction + churn + reactivation) * 1.0 / NULLIF(mrr_start, 0) AS nrr, -- Net revenue retention, 1 is all of it
    (mrr_start + contraction + churn) * 1.0 / NULLIF(mrr_start, 0) AS grr, -- Gross revenue retention
    mrr_end * 1.0 / NULLIF(active_end, 0) AS arpu, -- MRR for each subscriber
    mrr_end * 1.0 / NULLIF(active_end, 0)
    / NULLIF(subscribers_churned * 1.0 / NULLIF(active_start + subscribers_new, 0), 0) AS ltv, -- arpu / subscriber_churn_rate
    without_rate AS currencies_without_rate -- So many currencies are not in the amounts
FROM together
