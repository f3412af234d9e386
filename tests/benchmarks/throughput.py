"""How many objects a second there are where nothing but this machine is in the way."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.account import Content, served
from tests.benchmarks.figures import Figure
from tests.benchmarks.measured import measured, sync

BARS = {"invoices": 8_000, "customers": 20_000}
TIMES_PLAIN = 15


def throughput(objects: int, plain: int) -> Iterator[Figure]:
    """So many of each kind into DuckDB; the plain way with so many of the same, for its pace."""
    for name, bar in BARS.items():
        with served(Content({name: objects})) as account, tempfile.TemporaryDirectory() as folder:
            rows = account.rows[name]
            run = sync(account, Path(folder), "--resources", name)
            facts = {"objects": rows, "seconds": run.seconds, "CPU seconds": run.cpu}
            pace = rows / run.seconds
            yield Figure("throughput", f"{name} a second", pace, at_least=bar, facts=facts)
            settings = {"STRIPE_SECRET_KEY": account.key, "STRIPE_API_BASE": account.url}
            there = Path(folder) / "plain"
            there.mkdir()
            ran = measured(["-m", "tests.benchmarks.plain", name, str(plain)], there, settings)
            plainly = plain / ran.said["seconds"]
            yield Figure(
                "throughput", f"{name}: pace over the plain way's", pace / plainly, "x",
                at_least=TIMES_PLAIN, facts={"plainly a second": plainly, "objects": plain},
            )  # fmt: skip
