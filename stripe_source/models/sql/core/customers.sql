-- Customers, as they are now.
--
-- grain: a customer
-- key: customer_id

SELECT
    c._account_id AS account_id,
    c.id AS customer_id,
    c.name,
    c.email,
    c.phone,
    c.description,
    c.currency,
    major(c.balance, c.currency) AS balance, -- Credit (below 0) or debt that goes into the next invoice, in the currency's own unit
    c.balance AS balance_minor,
    c.delinquent,
    c.tax_exempt,
    c.address__country AS country,
    c.address__city AS city,
    c.address__state AS state,
    c.address__postal_code AS postal_code,
    c.discount__source__coupon AS coupon_id, -- The coupon of the customer's own discount
    c.invoice_settings__default_payment_method AS default_payment_method_id,
    c.default_source AS default_source_id,
    c.metadata,
    c.livemode,
    c.created AS created_at,
    c.is_deleted, -- Whether the customer is deleted; such rows are here only with include_deleted
    c.deleted_at
FROM raw.customers AS c
WHERE $include_deleted OR NOT c.is_deleted
