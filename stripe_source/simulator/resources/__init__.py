"""What is particular about an endpoint: one file per resource, found by itself.

Every list endpoint works from the SDK's description alone (``data/endpoints.json``). A file here
adds what that does not tell: a filter with its own meaning, a default condition, where nested rows
come from, or a field that is shown only when expanded. A file sets ``SPECIALS`` (a list of
``Special``), ``INCLUDES`` (object name to field to provider) or both.
"""
