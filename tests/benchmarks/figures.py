"""What the benchmarks find: figures, most of them ratios of two times of the same run."""

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HEAD = ("benchmark", "figure", "measured", "bar", "of")


@dataclass(frozen=True)
class Figure:
    """One figure beside its bar, and the numbers that it is made of."""

    benchmark: str
    what: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    facts: dict[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None where there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return None if self.at_least is None else self.value >= self.at_least

    @property
    def bar(self) -> str:
        """The bar in words."""
        if self.at_most is not None:
            return f"≤ {_number(self.at_most)}{self.unit}"
        return "" if self.at_least is None else f"≥ {_number(self.at_least)}{self.unit}"

    def row(self) -> tuple[str, ...]:
        """Its row of the table."""
        missed = " (missed)" if self.met is False else ""
        facts = ", ".join(f"{name} {_number(value)}" for name, value in self.facts.items())
        return (
            self.benchmark,
            self.what,
            f"{_number(self.value)}{self.unit}{missed}",
            self.bar,
            facts,
        )

    def plain(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self) | {"met": self.met}


def table(figures: Sequence[Figure]) -> str:
    """All of them as a table in Markdown."""
    rows = [HEAD, tuple("---" for _ in HEAD), *(figure.row() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine() -> str:
    """What it was measured on."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    cores = len([c for c in Path("/proc/cpuinfo").read_text().splitlines() if c.startswith("proc")])
    return f"{cores} cores of an {model}, {memory:.0f} GiB, Python {platform.python_version()}"


def _number(value: float) -> str:
    if value >= 1000 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
