"""The views in the shape of Fivetran's tables."""
