"""``simulator``: a Stripe account on this machine."""

from pathlib import Path

import click

from stripe_source.cli.console import note
from stripe_source.cli.demo import need_simulator
from stripe_source.errors import StripeSourceError, UsageError

RANGES = {
    "port": (0, 65_535),
    "customers": (0, 10_000_000),
    "years": (0.01, 100),
    "connected": (0, 1000),
    "live": (0, 1000),
}


@click.command()
@click.option("--port", default=12111, show_default=True, help="0 takes a free one.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same account.")
@click.option("--customers", default=200, show_default=True, help="How big the account is.")
@click.option("--years", default=2.0, show_default=True, help="How long the business has run.")
@click.option(
    "--connected", default=0, show_default=True, help="Connect accounts, each a tenth as big."
)
@click.option(
    "--live", "rate", default=0.0, show_default=True, metavar="R", help="R changes a second."
)
@click.option(
    "--faults", type=click.Path(path_type=Path), metavar="FILE", help="Faults to meet, as JSON."
)
@click.option(
    "--limits", type=click.Choice(("live", "sandbox")), help="Stripe's rate limits; none otherwise."
)
def simulator(
    port: int,
    seed: int,
    customers: int,
    years: float,
    connected: int,
    rate: float,
    faults: Path | None,
    limits: str | None,
) -> None:
    """Serve a made-up Stripe account on http://127.0.0.1, until interrupted.

    Tests steer it under /_sim/ (stats, faults, advance, mutate, keys, config, dump). A fault is an
    object such as {"path": "/v1/invoices", "nth": 3, "kind": "500"}; a file has one, or a list.

    \b
    Examples:
      stripe-source simulator
      stripe-source simulator --customers 5000 --years 6 --limits live --live 5
      stripe-source simulator --connected 3 --faults faults.json
      curl -X POST http://127.0.0.1:12111/_sim/advance -d '{"seconds": 86400}'
      STRIPE_API_BASE=http://127.0.0.1:12111 STRIPE_SECRET_KEY=sk_test_simulator0001 \\
        stripe-source sync
    """
    for name, value in {"port": port, "customers": customers, "years": years,
                        "connected": connected, "live": rate}.items():  # fmt: skip
        least, most = RANGES[name]
        if not least <= value <= most:
            raise UsageError(f"--{name} must be from {least:,} to {most:,}, not {value:,}")
    if rate and not customers:
        raise UsageError("--live needs customers: without any there is nobody to change anything")
    need_simulator()
    from stripe_source.simulator import Simulator, SimulatorConfig, serve
    from stripe_source.simulator.server.script import FaultError, read_script

    def ready(served: Simulator) -> None:
        note(f"serving {customers:,} customers over {years:g} years; Ctrl-C ends it")
        note(f"STRIPE_API_BASE={served.url} STRIPE_SECRET_KEY={served.api_key}")
        for each in list(served.accounts)[1:]:
            note(f"connected: {each}")

    try:
        script = read_script(faults) if faults else []
    except FaultError as wrong:
        raise UsageError(str(wrong)) from None
    config = SimulatorConfig(
        seed=seed,
        customers=customers,
        years=years,
        connected=connected,
        live=rate,
        limits=limits,
        ticking=True,
    )
    try:
        serve(config, port=port, ready=ready, faults=script)
    except OSError as failure:
        raise StripeSourceError(f"port {port} can't be served: {failure.strerror}") from None
