"""How rows come into a destination, by what it can do: decided here and nowhere else.

Where a destination replaces rows (dlt's strategy ``delete-insert``), a row gives way to a newer
version, and a parent's children to those of its newer version. Where it can't, as with files, each
version is a row more, and `latest` asks for the newest.
"""

from dataclasses import dataclass
from typing import cast

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema.typing import TTableFormat, TTableSchema

OURS = "stripe_source"
"""What the capabilities of `stripe_source.lake` name beside dlt's strategies: it merges itself."""


@dataclass(frozen=True)
class Policy:
    """How the rows of a table come into a destination.

    ``merges`` says that they replace older ones; else versions are appended. ``by_sql`` that dlt's
    own SQL does it, which is to be told what is older. ``inserts`` that a version which is there
    can be left as it is. ``json_as_text`` that JSON has to be declared as text.
    """

    merges: bool
    by_sql: bool = False
    inserts: bool = False
    json_as_text: bool = False


def policy_of(capabilities: DestinationCapabilitiesContext, table_format: str | None) -> Policy:
    """The policy for tables of a format: dlt's ``table_format``, None for the destination's own."""
    strategies = list(capabilities.supported_merge_strategies or ())
    table_format = table_format or capabilities.preferred_table_format
    if capabilities.merge_strategies_selector:
        table: TTableSchema = {"name": "", "columns": {}}
        if table_format:
            table["table_format"] = cast(TTableFormat, table_format)
        strategies = list(capabilities.merge_strategies_selector(strategies, table_schema=table))
    # Rows are bound as values, and JSON, which is a text here, would become JSON's text of a text.
    bound = "typed-jsonl" in capabilities.supported_loader_file_formats
    if "delete-insert" not in strategies:
        return Policy(merges=False, json_as_text=bound)
    names = [str(strategy) for strategy in strategies]
    return Policy(True, OURS not in names, "insert-only" in names, bound)
