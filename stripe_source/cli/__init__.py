"""The command line, ``stripe-source``: one file a command; dlt is imported when it is needed."""

from stripe_source.cli.main import main

__all__ = ["main"]
