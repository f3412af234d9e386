"""The destinations that the README's table tells of, with what the code decides for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dlt
from dlt.common.destination import DestinationCapabilitiesContext

from stripe_source.destination import duckdb
from stripe_source.lake import filesystem
from stripe_source.models.warehouse import TESTED
from stripe_source.tables.policy import Policy, policy_of
from tests.destinations.merging import WAREHOUSES, capabilities_of


def _sqlite() -> Any:
    return dlt.destinations.sqlalchemy("sqlite:///shop.db")


EXECUTED: dict[str, tuple[str, Any, str | None]] = {
    "duckdb": ("`duckdb`", lambda: duckdb(":memory:"), None),
    "postgres": ("`postgres`", dlt.destinations.postgres, None),
    "sqlite": ("`sqlalchemy`, with SQLite", _sqlite, None),
    "ducklake": ("`ducklake`", dlt.destinations.ducklake, None),
    "delta": ("`filesystem`, Delta", lambda: filesystem("lake"), "delta"),
    "iceberg": ("`filesystem`, Iceberg", lambda: filesystem("lake"), "iceberg"),
    "parquet": ("`filesystem`, Parquet", lambda: filesystem("lake"), None),
}
"""By the name that the tests have for it: what the README calls it, what makes it, its format."""


@dataclass(frozen=True)
class Known:
    """A destination: its name, what it can do, what we do with that, and whether it was tried."""

    name: str
    capabilities: DestinationCapabilitiesContext
    policy: Policy
    executed: bool

    def row(self) -> str:
        """Its line in the table."""
        policy = self.policy
        in_dialect = self.capabilities.sqlglot_dialect in TESTED and policy.by_sql
        models = "yes" if in_dialect and "ducklake" not in self.name else "no"
        models = models if self.executed else "not tried"
        cells = (
            self.name,
            "replaced by newer ones" if policy.merges else "kept; ask for the latest",
            "go" if policy.merges else "not in the latest",
            "once" if policy.merges else "once in the latest",
            models,
            "executed" if self.executed else "its SQL is compared",
        )
        return f"| {' | '.join(cells)} |"


def known() -> Iterator[Known]:
    """All of them."""
    for name, make, table_format in EXECUTED.values():
        capabilities = make().capabilities()
        yield Known(name, capabilities, policy_of(capabilities, table_format), executed=True)
    for warehouse, table_format in WAREHOUSES.items():
        capabilities = capabilities_of(warehouse)
        suffix = f", {table_format.title()}" if table_format else ""
        policy = policy_of(capabilities, table_format)
        yield Known(f"`{warehouse}`{suffix}", capabilities, policy, executed=False)
