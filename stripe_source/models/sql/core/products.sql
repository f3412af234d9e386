-- Products, as they are now.
--
-- grain: a product
-- key: account_id, product_id

SELECT
    p._account_id AS account_id,
    p.id AS product_id,
    p.name,
    p.description,
    p.active,
    p.type,
    p.default_price AS default_price_id,
    COALESCE(p.tax_code, p.tax_details__tax_code) AS tax_code_id, -- The tax code of the product
    p.unit_label, -- What one of it is called on invoices
    p.statement_descriptor,
    p.shippable,
    p.url,
    p.marketing_features,
    p.created AS created_at,
    p.updated AS updated_at,
    p.metadata,
    p.livemode,
    p.is_deleted, -- Whether it is deleted; such rows are here only with include_deleted
    p.deleted_at
FROM raw.products AS p
WHERE $include_deleted OR NOT p.is_deleted
