-- MRR by subscription item, as it is now: what the subscriptions that are active or past due bring in
-- a month, without taxes, trials, usage and free plans. The sum over a currency is the MRR.
-- Source: https://docs.stripe.com/billing/subscriptions/analytics/glossary
--
-- grain: a subscription item
-- key: subscription_item_id
-- one of: reason: status, trial, metered, canceling, unpriced
-- holds: mrr >= 0

SELECT
    v.account_id,
    v.subscription_item_id,
    v.subscription_id,
    v.customer_id,
    v.price_id,
    v.product_id,
    v.currency,
    v.status, -- The subscription's
    v.quantity,
    v.mrr_before_discounts, -- A month, in the currency's own unit, unrounded
    v.mrr, -- The same after the discounts that count
    CASE
        WHEN v.metered THEN 'metered'
        WHEN v.unpriced THEN 'unpriced'
        WHEN v.counts THEN NULL
        WHEN v.status = 'trialing' THEN 'trial'
        WHEN v.status NOT IN ('active', 'past_due') THEN 'status'
        WHEN s.cancel_at_period_end THEN 'canceling'
        ELSE 'trial'
    END AS reason -- Why it does not count; null where it does
FROM current_values AS v
INNER JOIN raw.subscriptions AS s ON s._account_id = v.account_id AND s.id = v.subscription_id
