"""Names of tables and models as dbt resolves them, and text in which dbt sees no Jinja."""

import re
from dataclasses import dataclass

from sqlglot import exp

from stripe_source.models.render import Schemas

SOURCE = "stripe"
PROJECT = "stripe_source"
TAG = re.compile(r"(\{\{ (?:ref|source)\('\w+', '\w+'\) \}\})")
"""What ``ref`` and ``source`` below give. No text in SQL is one: there quotes are doubled."""
OPENING = re.compile(r"\{[{%#]")


def ref(model: str) -> str:
    """A model, as an expression of dbt: that of this project, whatever others call theirs."""
    return f"ref('{PROJECT}', '{model}')"


def source(table: str) -> str:
    """A loaded table, as an expression of dbt."""
    return f"source('{SOURCE}', '{table}')"


@dataclass(frozen=True)
class DbtNames(Schemas):
    """Names for ``render``: dbt says where a table or model is."""

    def table(self, name: str, schema: str) -> exp.Table:
        """A table or model, as a tag that dbt replaces by its full name."""
        named = source(name) if schema == self.raw else ref(name)
        return exp.Table(this=exp.Var(this=f"{{{{ {named} }}}}"))


def plain(text: str) -> str:
    """The text with what would begin Jinja escaped."""
    return OPENING.sub(lambda found: f"{{{{ '{found[0]}' }}}}", text)


def plain_sql(sql: str) -> str:
    """The same for SQL in which the tags above are to stay."""
    return "".join(part if TAG.fullmatch(part) else plain(part) for part in TAG.split(sql))


def without_tags(sql: str) -> str:
    """The SQL with a name for each tag, to be parsed."""
    return TAG.sub("named", sql)
