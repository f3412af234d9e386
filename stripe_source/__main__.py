"""``python -m stripe_source`` is ``stripe-source``."""

from stripe_source.cli import main

main()
