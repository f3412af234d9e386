"""Values as SQL in a destination's dialect."""

from dlt.common.destination import DestinationCapabilitiesContext
from sqlglot import exp


def literal(capabilities: DestinationCapabilitiesContext, value: str) -> str:
    """A text as SQL. dlt's own escaping does nothing where SQLAlchemy is to do it."""
    return str(exp.Literal.string(value).sql(dialect=capabilities.sqlglot_dialect))
