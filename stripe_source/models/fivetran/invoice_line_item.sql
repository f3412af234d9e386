-- Lines of invoices, all of them: those beyond the first ten too.
--
-- grain: a line of an invoice
-- key: id, invoice_id
-- optional: invoice_items, plans

WITH lines AS (
    SELECT
        l.*,
        COALESCE(
            l.parent__invoice_item_details__invoice_item,
            l.parent__subscription_item_details__invoice_item
        ) AS invoice_item
    FROM raw.invoice_line_items AS l
    WHERE NOT l.is_deleted
),

tax_items AS (
    SELECT
        l._account_id,
        l.invoice_id,
        l.id,
        json_items(l.taxes) AS item
    FROM lines AS l
),

taxes AS (
    SELECT
        t._account_id,
        t.invoice_id,
        t.id,
        CAST(SUM(CAST(json_text(t.item, 'amount') AS BIGINT)) AS BIGINT) AS inclusive_tax
    FROM tax_items AS t
    WHERE json_text(t.item, 'tax_behavior') = 'inclusive'
    GROUP BY
        t._account_id,
        t.invoice_id,
        t.id
)

SELECT
    l.id,
    l.invoice_id,
    l.amount,
    l.currency,
    l.description,
    l.discountable,
    l.invoice_item AS invoice_item_id,
    utc(l.period__end) AS period_end,
    utc(l.period__start) AS period_start,
    p.id AS plan_id, -- A plan's id is its price's; a price for one time is no plan
    l.pricing__price_details__price AS price_id,
    COALESCE(
        l.parent__subscription_item_details__proration,
        l.parent__invoice_item_details__proration,
        FALSE
    ) AS proration,
    l.quantity,
    COALESCE(
        l.subscription,
        l.parent__subscription_item_details__subscription,
        l.parent__invoice_item_details__subscription
    ) AS subscription_id,
    COALESCE(l.parent__subscription_item_details__subscription_item, n.parent__subscription_details__subscription_item) AS subscription_item_id, -- Of a proration through its invoice item
    CASE l.parent__type
        WHEN 'subscription_item_details' THEN 'subscription'
        WHEN 'invoice_item_details' THEN 'invoiceitem'
    END AS type, -- As it was called before 2025: subscription or invoiceitem
    l.id AS unique_id,
    CASE
        WHEN COALESCE(t.inclusive_tax, 0) = 0 AND l.pricing__unit_amount_decimal IS NOT NULL THEN plain(l.pricing__unit_amount_decimal)
        WHEN l.quantity <> 0 THEN plain(CAST(ROUND((l.amount - COALESCE(t.inclusive_tax, 0)) / CAST(l.quantity AS DECIMAL(38, 12)), 6) AS DECIMAL(38, 12)))
    END AS unit_amount_excluding_tax, -- In minor units, to six places where it is worked out
    l.livemode,
    utc(COALESCE(y.inserted_at, l._updated_at)) AS _fivetran_synced, -- When it was loaded
    CAST(l.metadata AS TEXT) AS metadata
FROM lines AS l
LEFT JOIN raw.invoice_items AS n
    ON n._account_id = l._account_id
    AND n.id = l.invoice_item
LEFT JOIN raw.plans AS p
    ON p._account_id = l._account_id
    AND p.id = l.pricing__price_details__price
LEFT JOIN taxes AS t
    ON t._account_id = l._account_id
    AND t.invoice_id = l.invoice_id
    AND t.id = l.id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = l._dlt_load_id
