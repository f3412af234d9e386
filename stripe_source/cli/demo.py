"""``demo``: the main job from end to end, on a made-up account."""

import importlib.util
import time
from typing import Any

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.options import as_json, progress_style
from stripe_source.cli.query import ask
from stripe_source.cli.sync import run
from stripe_source.cli.synced import show, summary
from stripe_source.errors import OtherAccount, UsageError

DAY = 86_400
FIRST_QUERY = """
SELECT
    month,
    active_subscribers_end AS subscribers,
    round(mrr_end, 2) AS mrr,
    round(new, 2) AS new,
    round(expansion + reactivation, 2) AS more,
    round(contraction + churn, 2) AS less,
    round(100 * nrr, 1) AS "nrr %"
FROM metrics_monthly
ORDER BY month DESC
LIMIT 6
"""

WITHOUT_RATE = """
SELECT DISTINCT upper(m.currency)
FROM mrr AS m
WHERE m.mrr > 0 AND NOT EXISTS (SELECT 1 FROM month_rates AS r WHERE r.currency = m.currency)
ORDER BY 1
"""


@click.command()
@click.option("--customers", default=200, show_default=True, help="How big the account is.")
@progress_style
@as_json
def demo(customers: int, progress: str, as_json: bool) -> int:
    """Start a simulated Stripe account, sync it into ./stripe_source.duckdb, ask a first question.

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
    today = int(time.time()) // DAY * DAY
    name = f"acct_1Demo{customers}x{today // DAY}"  # another day's is another account
    with Simulator(SimulatorConfig(customers=customers, now=today, account_id=name)) as account:
        access = {"stripe_secret_key": account.api_key, "api_base": account.url}
        source = access | {"resources": "models", "models": True}
        try:
            result = run("duckdb", "stripe", "stripe_source", style=progress, source=source)
        except OtherAccount:
            raise UsageError(
                "./stripe_source.duckdb holds another account, perhaps the demo of another day or "
                "size: delete it, or run the demo in another folder"
            ) from None
    asked = result.models is not None  # else a model of the user's own is no good
    names, rows = _ask(FIRST_QUERY) if asked else ([], [])
    if as_json:
        answer = [dict(zip(names, row, strict=True)) for row in rows]
        document({"sync": summary(result), "query": FIRST_QUERY.strip(), "answer": answer})
        return result.exit_code
    show(result)
    if not asked:
        return result.exit_code
    note("\nHow is the recurring revenue doing, in dollars?" + FIRST_QUERY)
    table(names, [list(row) for row in rows])
    if lacking := [str(currency) for (currency,) in _ask(WITHOUT_RATE)[1]]:
        note(f"MRR in {' and '.join(lacking)} is not in it: no exchange rate is known of them.")
    note("\nIt is all in ./stripe_source.duckdb: stripe-source models list")
    return result.exit_code


def _ask(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    return ask("stripe_source.duckdb", "stripe", query, None)


def need_simulator() -> None:
    """Raise UsageError where the simulator's packages are not installed."""
    if not all(importlib.util.find_spec(name) for name in ("starlette", "uvicorn", "httptools")):
        raise UsageError(
            "the simulator needs more packages: pip install 'stripe-source[simulator]'"
        )
