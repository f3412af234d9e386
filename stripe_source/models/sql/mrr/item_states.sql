-- What each subscription item was, and since when, before it is priced: the known versions, and what
-- invoice lines tell of the time before.
--
-- grain: a version of a subscription item
-- key: subscription_item_id, valid_from
-- one of: source: event, observed, reconstructed

SELECT
    account_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    price_id,
    product_id, -- The price's product; null where the version is reconstructed
    currency, -- The subscription's
    quantity,
    CAST(NULL AS BIGINT) AS line_amount_minor, -- What lines charged for a whole period
    CAST(NULL AS BIGINT) AS line_days, -- And for how many days
    valid_from,
    valid_to, -- Null: still
    source, -- event, observed or reconstructed
    status, -- The subscription's
    counts, -- Whether it is in MRR, by status, trial and cancellation
    item_discounts, -- The ids of the item's discounts, in their order, as JSON
    subscription_discounts, -- Those of the subscription, else the customer's
    tax_rates -- The ids of the item's tax rates, else the subscription's, in JSON
FROM item_versions_known
UNION ALL
SELECT
    account_id,
    subscription_item_id,
    subscription_id,
    customer_id,
    price_id,
    CAST(NULL AS VARCHAR),
    currency,
    quantity,
    line_amount_minor,
    line_days,
    valid_from,
    valid_to,
    'reconstructed',
    status,
    status = 'active',
    '',
    discounts,
    tax_rates
FROM item_versions_reconstructed
