"""What is particular about an endpoint: one file per resource, found by itself.

Every list endpoint works from the SDK's description alone (``data/endpoints.json``). A file here
adds what that does not tell, by any of these names, which ``api.registry`` reads:

``SPECIALS``    list of ``Special``: a filter with its own meaning, a default condition, where
                nested rows come from
``INCLUDES``    object name to field to what fetches a field that is shown only when expanded;
                None where it is stored with the object
``OPERATIONS``  ``"POST /v1/coupons/{}"`` to what carries the write out
``UNDONE``      operation to the parameters that it refuses: Stripe acts on them, nothing here does
``SINGLETONS``  path to what makes the one object at it
``SEARCH``      object name to field to kind: what the objects can be searched by
"""
