-- The tiers of prices. With graduated tiers each unit costs what its tier says, with volume all
-- units cost what the last one's tier says. Source:
-- https://docs.stripe.com/products-prices/pricing-models#tiered-pricing
--
-- grain: a tier of a price
-- key: plan_id, tier
-- optional: price_tiers

SELECT
    t._account_id AS account_id,
    t.price_id AS plan_id,
    t._list_index AS tier, -- From 0
    COALESCE(
        LAG(t.up_to) OVER (PARTITION BY t._account_id, t.price_id ORDER BY t._list_index), 0
    ) AS above, -- The tier is for units above this one
    t.up_to, -- And up to this one, included; null in the last tier
    COALESCE(t.unit_amount_decimal, t.unit_amount, 0) AS unit_amount_minor, -- For one unit, in minor units of the price's currency
    COALESCE(t.flat_amount_decimal, t.flat_amount, 0) AS flat_amount_minor -- For the tier as a whole
FROM raw.price_tiers AS t
