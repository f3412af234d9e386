-- Lines of credit notes.
--
-- grain: a line of a credit note
-- key: id

SELECT
    l.id,
    l.livemode,
    l.amount,
    l.credit_note_id,
    l.description,
    l.discount_amount,
    l.quantity,
    l.type,
    l.unit_amount,
    utc(COALESCE(y.inserted_at, l._updated_at)) AS _fivetran_synced, -- When it was loaded
    CAST(l.unit_amount_decimal AS BIGINT) AS unit_amount_decimal
FROM raw.credit_note_line_items AS l
LEFT JOIN raw._dlt_loads AS y
    ON y.load_id = l._dlt_load_id
WHERE NOT l.is_deleted
