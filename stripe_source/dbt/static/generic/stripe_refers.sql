{% test stripe_refers(model, column, to, field) %}

{#- What `column` names is a row of the same account. -#}
WITH referring AS (
    SELECT account_id, {{ column }} AS referred_to
    FROM {{ model }}
    WHERE {{ column }} IS NOT NULL
),

referred AS (
    SELECT account_id, {{ field }} AS referred_to
    FROM {{ to }}
)

SELECT referring.account_id, referring.referred_to
FROM referring
LEFT JOIN referred
    ON referred.account_id = referring.account_id
    AND referred.referred_to = referring.referred_to
WHERE referred.referred_to IS NULL

{% endtest %}
