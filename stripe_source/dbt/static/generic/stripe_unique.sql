{% test stripe_unique(model, columns) %}

SELECT {{ columns | join(', ') }}, COUNT(*) AS alike
FROM {{ model }}
GROUP BY {{ columns | join(', ') }}
HAVING COUNT(*) > 1

{% endtest %}
