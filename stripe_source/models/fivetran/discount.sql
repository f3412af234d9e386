-- Discounts, and what each took off which invoice.
--
-- A discount of a subscription takes something off each of its invoices, and has a row for each;
-- one that has not done so yet has a row without an invoice.
--
-- grain: a discount on an invoice
-- optional: discounts, credit_note_line_items, subscription_items

WITH amount_items AS (
    SELECT
        i._account_id,
        i.id AS invoice_id,
        i._updated_at,
        i._dlt_load_id,
        json_items(i.total_discount_amounts) AS item
    FROM raw.invoices AS i
    WHERE NOT i.is_deleted
),

amounts AS (
    SELECT
        a._account_id,
        a.invoice_id,
        json_text(a.item, 'discount') AS id,
        CAST(json_text(a.item, 'amount') AS BIGINT) AS amount,
        a._updated_at,
        a._dlt_load_id
    FROM amount_items AS a
),

known AS (
    SELECT
        a._account_id,
        a.id,
        a.invoice_id,
        a.amount,
        a._updated_at,
        a._dlt_load_id
    FROM amounts AS a
    UNION ALL
    SELECT
        d._account_id,
        d.id,
        NULL,
        NULL,
        d._updated_at,
        d._dlt_load_id
    FROM raw.discounts AS d
    WHERE NOT EXISTS (SELECT 1 FROM amounts AS a WHERE a._account_id = d._account_id AND a.id = d.id)
),

credit_items AS (
    SELECT
        l._account_id,
        l.id,
        json_items(l.discount_amounts) AS item
    FROM raw.credit_note_line_items AS l
    WHERE NOT l.is_deleted
),

credited AS (
    SELECT
        c._account_id,
        json_text(c.item, 'discount') AS discount,
        MIN(c.id) AS id
    FROM credit_items AS c
    GROUP BY
        c._account_id,
        json_text(c.item, 'discount')
)

SELECT
    k.id AS id,
    COALESCE(k.invoice_id, d.invoice) AS invoice_id,
    k.amount AS amount, -- What it took off the invoice
    d.checkout_session AS checkout_session_id,
    CAST(NULL AS TEXT) AS checkout_session_line_item_id, -- Only via checkout.session line_items[].discounts
    d.source__coupon AS coupon_id,
    n.id AS credit_note_line_item_id, -- A line of a credit note that gave some of it back: the one whose id is the least
    d.customer AS customer_id,
    CAST(utc(d."end") AS TEXT) AS "end",
    d.invoice_item AS invoice_item_id,
    d.promotion_code,
    CAST(utc(d."start") AS TEXT) AS "start",
    COALESCE(d.subscription, s.subscription_id) AS subscription_id,
    CASE
        WHEN d.invoice_item IS NOT NULL THEN 'invoice_item'
        WHEN d.checkout_session IS NOT NULL THEN 'checkout_session'
        WHEN d.invoice IS NOT NULL THEN 'invoice'
        WHEN COALESCE(d.subscription, s.subscription_id) IS NOT NULL THEN 'subscription'
        WHEN d.customer IS NOT NULL THEN 'customer'
    END AS type, -- What it is applied to
    COALESCE(d.invoice_item, d.checkout_session, d.invoice, d.subscription, s.subscription_id, d.customer) AS type_id,
    utc(COALESCE(y.inserted_at, d._updated_at, k._updated_at)) AS _fivetran_synced -- When it was loaded
FROM known AS k
LEFT JOIN raw.discounts AS d
    ON d._account_id = k._account_id
    AND d.id = k.id
LEFT JOIN raw.subscription_items AS s
    ON s._account_id = d._account_id
    AND s.id = d.subscription_item
LEFT JOIN credited AS n
    ON n._account_id = k._account_id
    AND n.discount = k.id
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = COALESCE(d._dlt_load_id, k._dlt_load_id)
