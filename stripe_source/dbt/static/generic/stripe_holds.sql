{% test stripe_holds(model, condition) %}

SELECT *
FROM {{ model }}
WHERE NOT ({{ condition }})

{% endtest %}
