-- MRR by month and currency, with its movements.
--
-- grain: a month in a currency
-- key: month, currency
-- holds: mrr_start + new + expansion + contraction + churn + reactivation = mrr_end
-- holds: mrr_end >= 0

SELECT
    account_id,
    month, -- Its first day
    currency,
    SUM(CASE WHEN mrr_end > 0 THEN 1 ELSE 0 END) AS customers, -- With MRR in this currency at the end
    SUM(mrr_start) AS mrr_start, -- In the currency's own unit, unrounded
    SUM(new) AS new,
    SUM(expansion) AS expansion,
    SUM(contraction) AS contraction, -- Below 0
    SUM(churn) AS churn, -- Below 0
    SUM(reactivation) AS reactivation,
    SUM(mrr_end) AS mrr_end,
    SUM(subscribers_new) AS subscribers_new, -- Customers whose first MRR in any currency this was
    SUM(subscribers_reactivated) AS subscribers_reactivated,
    SUM(subscribers_churned) AS subscribers_churned,
    SUM(mrr_start_converted) AS mrr_start_converted, -- In the reporting currency; null without a rate
    SUM(new_converted) AS new_converted,
    SUM(expansion_converted) AS expansion_converted,
    SUM(contraction_converted) AS contraction_converted,
    SUM(churn_converted) AS churn_converted,
    SUM(reactivation_converted) AS reactivation_converted,
    SUM(currency_effect_converted) AS currency_effect_converted, -- What the rates did to the MRR that was there
    SUM(mrr_end_converted) AS mrr_end_converted
FROM mrr_movements
GROUP BY account_id, month, currency
