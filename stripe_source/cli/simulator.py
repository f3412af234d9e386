"""``simulator``: a Stripe account on this machine."""

import click

from stripe_source.cli.console import note
from stripe_source.cli.demo import need_simulator
from stripe_source.errors import StripeSourceError, UsageError


@click.command()
@click.option("--port", default=12111, show_default=True, help="0 takes a free one.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same account.")
@click.option("--customers", default=200, show_default=True, help="How big the account is.")
@click.option("--years", default=2.0, show_default=True, help="How long the business has run.")
def simulator(port: int, seed: int, customers: int, years: float) -> None:
    """Serve a made-up Stripe account on http://127.0.0.1, until interrupted.

    \b
    Examples:
      stripe-source simulator
      STRIPE_API_BASE=http://127.0.0.1:12111 STRIPE_SECRET_KEY=sk_test_simulator0001 \\
        stripe-source sync
    """
    if customers < 0 or not years > 0 or not 0 <= port < 65536:
        raise UsageError("customers and years must be positive, and the port a port")
    need_simulator()
    from stripe_source.simulator import Simulator, SimulatorConfig, serve

    def ready(served: Simulator) -> None:
        note(f"serving {customers:,} customers over {years:g} years; Ctrl-C ends it")
        note(f"STRIPE_API_BASE={served.url} STRIPE_SECRET_KEY={served.api_key}")

    config = SimulatorConfig(seed=seed, customers=customers, years=years, ticking=True)
    try:
        serve(config, port=port, ready=ready)
    except OSError as failure:
        raise StripeSourceError(f"port {port} can't be served: {failure.strerror}") from None
