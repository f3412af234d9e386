-- Lines of invoices, of all of them: those beyond the first ten too.
--
-- net_amount sums up to the invoice's total_excluding_tax, but for its shipping.
--
-- grain: a line of an invoice
-- key: invoice_line_item_id
-- refers: invoice_id -> invoices.invoice_id
-- holds: net_amount_minor = amount_minor - discount_minor - inclusive_tax_minor

WITH discount_items AS (
    SELECT
        l._account_id,
        l.invoice_id,
        l.id,
        json_items(l.discount_amounts) AS item
    FROM raw.invoice_line_items AS l
),

discount_totals AS (
    SELECT
        d._account_id,
        d.invoice_id,
        d.id,
        CAST(SUM(CAST(json_text(d.item, 'amount') AS BIGINT)) AS BIGINT) AS discount
    FROM discount_items AS d
    GROUP BY
        d._account_id,
        d.invoice_id,
        d.id
),

tax_items AS (
    SELECT
        l._account_id,
        l.invoice_id,
        l.id,
        json_items(l.taxes) AS item
    FROM raw.invoice_line_items AS l
),

tax_amounts AS (
    SELECT
        t._account_id,
        t.invoice_id,
        t.id,
        CAST(json_text(t.item, 'amount') AS BIGINT) AS amount,
        json_text(t.item, 'tax_behavior') AS tax_behavior
    FROM tax_items AS t
),

tax_totals AS (
    SELECT
        t._account_id,
        t.invoice_id,
        t.id,
        CAST(SUM(t.amount) AS BIGINT) AS tax,
        CAST(SUM(CASE WHEN t.tax_behavior = 'inclusive' THEN t.amount ELSE 0 END) AS BIGINT) AS inclusive_tax
    FROM tax_amounts AS t
    GROUP BY
        t._account_id,
        t.invoice_id,
        t.id
)

SELECT
    l._account_id AS account_id,
    l.id AS invoice_line_item_id,
    l.invoice_id AS invoice_id,
    i.customer AS customer_id, -- The invoice's customer
    COALESCE(
        l.parent__subscription_item_details__subscription,
        l.parent__invoice_item_details__subscription,
        l.subscription
    ) AS subscription_id, -- The subscription that the line is for
    l.parent__subscription_item_details__subscription_item AS subscription_item_id, -- Null for a line of an invoice item
    COALESCE(
        l.parent__invoice_item_details__invoice_item,
        l.parent__subscription_item_details__invoice_item
    ) AS invoice_item_id, -- The invoice item that it was made from
    l.pricing__price_details__price AS price_id,
    l.pricing__price_details__product AS product_id,
    l._list_index AS position, -- Its place on the invoice, from 0
    l.parent__type AS type, -- What made it: subscription_item_details or invoice_item_details
    COALESCE(
        l.parent__subscription_item_details__proration,
        l.parent__invoice_item_details__proration,
        FALSE
    ) AS proration, -- Whether it is for a part of a period, after a change
    l.description AS description,
    l.quantity,
    l.currency AS currency,
    major(l.pricing__unit_amount_decimal, l.currency) AS unit_amount, -- The price of one, in the currency's own unit; null for tiers
    l.pricing__unit_amount_decimal AS unit_amount_minor, -- The price of one, in minor units, with fractions of them
    major(l.amount, l.currency) AS amount, -- Before discounts and exclusive tax
    l.amount AS amount_minor,
    major(COALESCE(d.discount, 0), l.currency) AS discount, -- Its own discounts and its share of the invoice's
    COALESCE(d.discount, 0) AS discount_minor, -- All that discounts took off
    major(COALESCE(t.tax, 0), l.currency) AS tax, -- Inclusive and exclusive
    COALESCE(t.tax, 0) AS tax_minor, -- All taxes, inclusive ones too
    major(COALESCE(t.inclusive_tax, 0), l.currency) AS inclusive_tax, -- The tax that is in amount
    COALESCE(t.inclusive_tax, 0) AS inclusive_tax_minor, -- The taxes that are in the amount
    major(l.amount - COALESCE(d.discount, 0) - COALESCE(t.inclusive_tax, 0), l.currency) AS net_amount, -- After discounts, without any tax
    l.amount - COALESCE(d.discount, 0) - COALESCE(t.inclusive_tax, 0) AS net_amount_minor, -- The amount after discounts, without taxes
    l.period__start AS period_start_at, -- When the service that it bills begins
    l.period__end AS period_end_at,
    l.discountable,
    l.metadata AS metadata,
    l.livemode AS livemode,
    l.is_deleted AS is_deleted, -- Whether it is off the invoice again; such rows are here only with include_deleted
    l.deleted_at AS deleted_at
FROM raw.invoice_line_items AS l
LEFT JOIN raw.invoices AS i
    ON i._account_id = l._account_id
    AND i.id = l.invoice_id
LEFT JOIN discount_totals AS d
    ON d._account_id = l._account_id
    AND d.invoice_id = l.invoice_id
    AND d.id = l.id
LEFT JOIN tax_totals AS t
    ON t._account_id = l._account_id
    AND t.invoice_id = l.invoice_id
    AND t.id = l.id
WHERE $include_deleted OR NOT l.is_deleted
