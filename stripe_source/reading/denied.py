"""Lists inside a resource that the key may not read: the resource is read without them."""

import logging
from collections.abc import Collection

from stripe_source.catalog import Resource
from stripe_source.extract.loaded import note_denied
from stripe_source.extract.nested import left_out
from stripe_source.extract.progress import State
from stripe_source.reading.reading import Reading

log = logging.getLogger("stripe_source")


def denied_tables(row: Resource, reading: Reading, state: State) -> Collection[str]:
    """The tables that can't be filled, which is said once and noted for when they can be."""
    denied = left_out(reading.client, row)
    for name, why in denied.items():
        if name not in reading.report.skipped:
            log.warning("%s is left out (denied): %s", name, why)
        reading.report.skip(name, why, "denied")
        note_denied(state, name)
    return denied
