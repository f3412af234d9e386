"""How near a first sync comes to what Stripe's limits allow, at Stripe's latency."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.account import COPIED, Content, served
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import sync

STRIPE = {"limits": "live", "latency_ms": (200.0, 400.0)}
ENDPOINT, ACCOUNT, PAGE = 25, 100, 100  # requests a second, and rows of a page


def ceiling(one: int, each: int) -> Iterator[Figure]:
    """So many invoices alone, and so many of five kinds with all that a sync loads by default."""
    yield from _measured("one endpoint", {"invoices": one}, ["--resources", "invoices"], 1.15)
    yield from _measured("the account", dict.fromkeys(COPIED, each), [], 1.25)


def _measured(
    what: str, copies: dict[str, int], arguments: list[str], bar: float
) -> Iterator[Figure]:
    with served(Content(copies, STRIPE)) as account, tempfile.TemporaryDirectory() as folder:
        pages = [-(-rows // PAGE) for name, rows in account.rows.items() if name in copies]
        account.stats()
        run = sync(account, Path(folder), *arguments, limits=True)
        stats = account.stats()
    least = max(max(pages) / ENDPOINT, sum(pages) / ACCOUNT)
    facts = {"objects": sum(account.rows[name] for name in copies), "seconds": run.seconds}
    yield Figure(
        "ceiling", f"{what}: wall time over the least possible", run.seconds / least, "x",
        at_most=bar, facts=facts | {"least": least, "CPU seconds": run.cpu},
    )  # fmt: skip
    refused = 100 * stats["rate_limited"] / stats["requests"]
    facts = {"requests": stats["requests"]}
    yield Figure("ceiling", f"{what}: 429s", refused, " %", at_most=1.0, facts=facts)
