"""``demo``: the main job from end to end, on a made-up account."""

import importlib.util

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.options import as_json, progress_style
from stripe_source.cli.query import ask
from stripe_source.cli.sync import run, show, summary
from stripe_source.errors import UsageError

FIRST_QUERY = """
SELECT c.name AS customer, i.currency, count(*) AS invoices, sum(i.amount_paid) AS paid_minor_units
FROM invoices AS i
JOIN customers AS c ON c.id = i.customer AND c._account_id = i._account_id
WHERE i.status = 'paid'
GROUP BY c.id, c.name, i.currency
QUALIFY row_number() OVER (PARTITION BY i.currency ORDER BY paid_minor_units DESC) <= 3
ORDER BY i.currency, paid_minor_units DESC
"""


@click.command()
@click.option("--customers", default=200, show_default=True, help="How big the account is.")
@progress_style
@as_json
def demo(customers: int, progress: str, as_json: bool) -> int:
    """Start a simulated Stripe account, sync it into ./stripe_source.duckdb, and ask a first question.

    \b
    Examples:
      stripe-source demo
      stripe-source demo --customers 5000
    """
    if customers < 1:
        raise UsageError("--customers must be at least 1")
    need_simulator()
    from stripe_source.simulator import Simulator, SimulatorConfig

    note(f"starting a simulated Stripe account with {customers:,} customers ...")
    with Simulator(SimulatorConfig(customers=customers)) as account:
        source = {"stripe_secret_key": account.api_key, "api_base": account.url}
        result = run("duckdb", "stripe", "stripe_source", style=progress, source=source)
    names, rows = ask("stripe_source.duckdb", "stripe", FIRST_QUERY, None)
    if as_json:
        answer = [dict(zip(names, row, strict=True)) for row in rows]
        document({"sync": summary(result), "query": FIRST_QUERY.strip(), "answer": answer})
        return result.exit_code
    show(result)
    note("\nWho paid most, in each currency?" + FIRST_QUERY)
    table(names, [list(row) for row in rows])
    note('\nIt is all in ./stripe_source.duckdb: stripe-source query "SHOW TABLES"')
    return result.exit_code


def need_simulator() -> None:
    """Raise UsageError where the simulator's packages are not installed."""
    if not all(importlib.util.find_spec(name) for name in ("starlette", "uvicorn", "httptools")):
        raise UsageError(
            "the simulator needs more packages: pip install 'stripe-source[simulator]'"
        )
