"""The search query language: text to clauses, and clauses over objects.

Rules: https://docs.stripe.com/search (section "Search query language").
"""
