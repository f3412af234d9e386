-- What each subscription item was and what MRR it had, through all of its known past.
--
-- `event`: as Stripe's events showed it. `observed`: as a sync found it. `reconstructed`: before the
-- first of these, as invoice lines tell. A version ends where the next one begins, or with the item.
--
-- grain: a version of a subscription item
-- key: subscription_item_id, valid_from
-- one of: source: event, observed, reconstructed
-- holds: mrr >= 0
-- holds: valid_to IS NULL OR valid_to > valid_from

SELECT
    account_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    price_id,
    product_id,
    currency,
    status, -- The subscription's
    quantity,
    valid_from,
    valid_to, -- Null: still
    source, -- How it is known: event, observed or reconstructed
    mrr_before_discounts, -- A month, in the currency's own unit, unrounded; 0 where it does not count
    mrr -- The same after the discounts that count
FROM item_values
