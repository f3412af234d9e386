"""The benchmarks, in one table: ``python -m tests.benchmarks``.

A simulator in a process of its own serves an account to ``stripe-source sync``, in another. Each
figure is of one run, most of them a ratio of two of its times, for machines are not alike. All of
them take some sixteen minutes and 4 GB.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.benchmarks.ceiling import ceiling
from tests.benchmarks.figures import Figure, machine, table
from tests.benchmarks.growth import growth
from tests.benchmarks.models import models
from tests.benchmarks.throughput import throughput

K = 1_000
FULL: dict[str, Callable[[], Iterator[Figure]]] = {
    "ceiling": lambda: ceiling(one=300 * K, each=80 * K),
    "throughput": lambda: throughput(objects=200 * K, plain=5 * K),
    "growth": lambda: growth((100 * K, 1000 * K), (1 * K, 10 * K)),
    "models": lambda: models(invoices=1000 * K, customers=300),
}
SMALL: dict[str, Callable[[], Iterator[Figure]]] = {
    "ceiling": lambda: ceiling(one=1 * K, each=300),
    "throughput": lambda: throughput(objects=2 * K, plain=300),
    "growth": lambda: growth((1 * K, 3 * K), (50, 200)),
    "models": lambda: models(invoices=500, customers=20),
}


def main() -> None:
    """Print a table of what is named, or of all; or JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*FULL, []], help=f"of {', '.join(FULL)} (all)", metavar="NAME"
    )
    parser.add_argument(
        "--small", action="store_true", help="a check that they work, without bars, in two minutes"
    )
    parser.add_argument("--json", action="store_true", help="plain data in place of the table")
    given = parser.parse_args()
    figures = []
    for name in given.names or FULL:
        for found in (SMALL if given.small else FULL)[name]():
            figure = replace(found, at_most=None, at_least=None) if given.small else found
            print(" | ".join(figure.row()), file=sys.stderr, flush=True)
            figures.append(figure)
    if given.json:
        plain = [figure.plain() for figure in figures]
        print(json.dumps({"machine": machine(), "figures": plain}, indent=2))
    else:
        print(f"{machine()}\n\n{table(figures)}")


if __name__ == "__main__":
    main()
