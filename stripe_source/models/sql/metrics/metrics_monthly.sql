-- Subscribers, MRR in the reporting currency, and the rates that follow from them, by month.
--
-- subscriber_churn_rate: those who left, of those who were there or came in the month.
-- nrr: what became of the MRR at the start, with expansion and reactivation; grr without them.
-- arpu: MRR for each subscriber at the end, of those in currencies that have a rate; ltv: arpu / subscriber_churn_rate.
-- A rate is null where there is nothing to divide by. MRR in a currency without a rate is left out;
-- currencies_without_rate says of how many.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary, there over 30 days;
-- metrics_now has these.
--
-- grain: a month
-- key: month
-- holds: active_subscribers_start + subscribers_new + subscribers_reactivated - subscribers_churned = active_subscribers_end

WITH money AS (
    SELECT
        account_id,
        month,
        SUM(subscribers_new) AS subscribers_new,
        SUM(subscribers_reactivated) AS subscribers_reactivated,
        SUM(subscribers_churned) AS subscribers_churned,
        SUM(mrr_start_converted) AS mrr_start,
        SUM(new_converted) AS new,
        SUM(expansion_converted) AS expansion,
        SUM(contraction_converted) AS contraction,
        SUM(churn_converted) AS churn,
        SUM(reactivation_converted) AS reactivation,
        SUM(currency_effect_converted) AS currency_effect,
        SUM(mrr_end_converted) AS mrr_end,
        SUM(CASE WHEN mrr_end_converted IS NULL THEN 1 ELSE 0 END) AS without_rate,
        SUM(CASE WHEN mrr_end_converted IS NULL THEN 0 ELSE customers END) AS rated
    FROM mrr_monthly
    GROUP BY account_id, month
),

begins AS (
    SELECT account_id, MIN(month) AS month FROM money GROUP BY account_id
),

-- A month without a change or MRR has no row; amounts without any rate stay null.
together AS (
    SELECT
        b.account_id,
        m.month,
        c.currency,
        COALESCE(n.subscribers_new, 0) AS subscribers_new,
        COALESCE(n.subscribers_reactivated, 0) AS subscribers_reactivated,
        COALESCE(n.subscribers_churned, 0) AS subscribers_churned,
        SUM(
            COALESCE(n.subscribers_new + n.subscribers_reactivated - n.subscribers_churned, 0)
        ) OVER (
            PARTITION BY b.account_id ORDER BY m.month
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS active_end,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.mrr_start END AS mrr_start,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.new END AS new,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.expansion END AS expansion,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.contraction END AS contraction,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.churn END AS churn,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.reactivation END AS reactivation,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.currency_effect END AS currency_effect,
        CASE WHEN n.month IS NULL THEN 0 ELSE n.mrr_end END AS mrr_end,
        COALESCE(n.without_rate, 0) AS without_rate,
        COALESCE(n.rated, 0) AS rated
    FROM begins AS b
    INNER JOIN months AS m ON m.month >= b.month
    INNER JOIN reporting_currency AS c ON c.account_id = b.account_id
    LEFT JOIN money AS n ON n.account_id = b.account_id AND n.month = m.month
),

started AS (
    SELECT
        account_id,
        month,
        currency,
        active_end - subscribers_new - subscribers_reactivated + subscribers_churned AS active_start,
        subscribers_new,
        subscribers_reactivated,
        subscribers_churned,
        active_end,
        mrr_start,
        new,
        expansion,
        contraction,
        churn,
        reactivation,
        currency_effect,
        mrr_end,
        without_rate,
        rated
    FROM together
)

SELECT
    account_id,
    month, -- Its first day
    currency, -- The reporting currency, that all amounts are in
    active_start AS active_subscribers_start, -- Customers with MRR at the month's beginning
    subscribers_new, -- Those who became subscribers
    subscribers_reactivated, -- Those who became subscribers again
    subscribers_churned, -- Those who ceased to be subscribers
    active_end AS active_subscribers_end, -- Customers with MRR at the month's end
    subscribers_churned * 1.0 / NULLIF(active_start + subscribers_new, 0) AS subscriber_churn_rate, -- churned / (active at start + new)
    mrr_start, -- In the reporting currency, as all amounts here
    new, -- The first MRR of customers
    expansion, -- What MRR grew by, of those who had some
    contraction, -- Below 0
    churn, -- Below 0
    reactivation, -- What came back from nothing
    currency_effect, -- What the exchange rates did to the MRR that was there
    mrr_end, -- At the end of the month, or now in the month that has begun
    -(churn + contraction) AS churned_revenue, -- MRR that left or shrank
    (mrr_start + expansion + contraction + churn + reactivation) * 1.0 / NULLIF(mrr_start, 0) AS nrr, -- Net revenue retention, 1 is all of it
    (mrr_start + contraction + churn) * 1.0 / NULLIF(mrr_start, 0) AS grr, -- Gross revenue retention
    mrr_end * 1.0 / NULLIF(rated, 0) AS arpu, -- MRR for each customer with MRR at the end, in currencies with a rate; once for each of these
    mrr_end * 1.0 / NULLIF(rated, 0)
    / NULLIF(subscribers_churned * 1.0 / NULLIF(active_start + subscribers_new, 0), 0) AS ltv, -- arpu / subscriber_churn_rate
    without_rate AS currencies_without_rate -- So many currencies are not in the amounts
FROM started
