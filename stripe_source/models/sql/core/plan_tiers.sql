-- The tiers of prices. With graduated tiers each unit costs what its tier says, with volume all
-- units cost what the last one's tier says. Source:
-- https://docs.stripe.com/products-prices/pricing-models#tiered-pricing
--
-- grain: a tier of a price
-- key: plan_id, tier
-- optional: price_tiers

WITH tiers AS (
    SELECT
        _account_id AS account_id,
        price_id AS plan_id,
        _list_index AS tier,
        COALESCE(
            LAG(up_to) OVER (PARTITION BY _account_id, price_id ORDER BY _list_index), 0
        ) AS above,
        up_to,
        COALESCE(unit_amount_decimal, unit_amount, 0) AS unit_amount_minor,
        COALESCE(flat_amount_decimal, flat_amount, 0) AS flat_amount_minor
    FROM raw.price_tiers
)

SELECT
    account_id,
    plan_id,
    tier, -- From 0
    above, -- The tier is for units above this one
    up_to, -- And up to this one, included; null in the last tier
    unit_amount_minor, -- For one unit, in minor units of the price's currency
    flat_amount_minor, -- For the tier as a whole
    COALESCE(
        SUM((up_to - above) * unit_amount_minor + flat_amount_minor) OVER (
            PARTITION BY account_id, plan_id ORDER BY tier
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        0
    ) AS below_minor -- What the tiers below cost together, all their units used
FROM tiers
