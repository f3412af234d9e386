-- What changed of each customer's MRR in each currency by month, by kind; months without a change
-- have no row.
--
-- grain: a month in which a customer's MRR in a currency changed
-- key: customer_id, currency, month

WITH changes AS (
    SELECT
        account_id,
        customer_id,
        currency,
        month_of(changed_at) AS month,
        customer_since,
        mrr_change,
        movement,
        subscriber_movement
    FROM mrr_changes
    WHERE changed_at <= $now
)

SELECT
    account_id,
    customer_id,
    currency,
    month, -- Its first day
    month_of(MIN(customer_since)) AS cohort_month, -- That of the customer's first MRR in any currency
    SUM(mrr_change) AS mrr_change, -- In the currency's own unit, unrounded
    SUM(CASE WHEN movement = 'new' THEN mrr_change ELSE 0 END) AS new, -- The customer's first MRR in this currency
    SUM(CASE WHEN movement = 'expansion' THEN mrr_change ELSE 0 END) AS expansion, -- What it grew by
    SUM(CASE WHEN movement = 'contraction' THEN mrr_change ELSE 0 END) AS contraction, -- Below 0
    SUM(CASE WHEN movement = 'churn' THEN mrr_change ELSE 0 END) AS churn, -- Below 0
    SUM(CASE WHEN movement = 'reactivation' THEN mrr_change ELSE 0 END) AS reactivation, -- What came back from nothing
    SUM(
        CASE movement WHEN 'new' THEN 1 WHEN 'reactivation' THEN 1 WHEN 'churn' THEN -1 ELSE 0 END
    ) AS customers_change, -- 1 where the customer has MRR in this currency since, -1 where no more
    SUM(CASE WHEN subscriber_movement = 'new' THEN 1 ELSE 0 END) AS subscribers_new, -- 1 where the customer became a subscriber by this, in any currency
    SUM(CASE WHEN subscriber_movement = 'reactivated' THEN 1 ELSE 0 END) AS subscribers_reactivated, -- How often the customer became one again
    SUM(CASE WHEN subscriber_movement = 'churned' THEN 1 ELSE 0 END) AS subscribers_churned -- How often the customer ceased to be one
FROM changes
GROUP BY account_id, customer_id, currency, month
