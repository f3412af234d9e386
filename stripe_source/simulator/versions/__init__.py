"""Older API versions: what an object looks like to a client that asks for one.

Everything is stored and shown in ``CURRENT``; ``older`` takes a shown object back through a chain
of version changes, newest first, as Stripe describes its own
(https://stripe.com/blog/api-versioning). A resource whose fields never moved needs nothing here.

A new version is a file of changes beside ``basil.py``, a row in ``rendering.STEPS`` and the
fields that it adds in ``added.tsv``.
"""

from __future__ import annotations

from stripe_source.simulator.versions.lookup import Lookup
from stripe_source.simulator.versions.previous import older_previous
from stripe_source.simulator.versions.releases import CURRENT, VERSIONS, resolve
from stripe_source.simulator.versions.rendering import older

__all__ = ["CURRENT", "VERSIONS", "Lookup", "older", "older_previous", "resolve"]
