"""Which reads are due: the backfill by ``created``, and lists that are read whole."""
