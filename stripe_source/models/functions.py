"""What a model's query may use beyond DuckDB's SQL, for each dialect.

major(amount, currency)   minor units in the currency's own unit, DECIMAL with 3 places
month_of(time)            the month that a time is in, its first day, in the time zone
day_of(time)              the day that a time is in, in the time zone
start_of(date)            when a day begins, in the time zone
utc(time)                 a time in UTC, as a TIMESTAMP without a time zone
plain(decimal)            a decimal of 12 places as text, without the zeros behind it
json_items(json)          one row for each item of a JSON list, as JSON; in a SELECT list
json_positions(json)      beside json_items in a SELECT list: the place of the item, from 0
json_first(json)          the first item of a JSON list, as JSON
json_text(json, key ...)  what is under the keys of a JSON object, as text
"""

from collections.abc import Callable

import sqlglot
from sqlglot import exp

from stripe_source.errors import UsageError

ZERO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
THREE_DECIMALS = "bhd jod kwd omr tnd"
"""Source: https://docs.stripe.com/currencies, zero-decimal and three-decimal currencies. There, ISK
and UGX have no decimals, but two in the API, for backward compatibility."""

Function = Callable[[list[exp.Expr], str, str], exp.Expr]


def expand(query: exp.Expr, dialect: str, timezone: str) -> exp.Expr:
    """The query with these functions replaced by what the dialect has for them."""

    def replaced(node: exp.Expr) -> exp.Expr:
        name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
        if name not in FUNCTIONS:
            return node
        least, most = ARGUMENTS[name]
        if not least <= len(node.expressions) <= most:
            raise UsageError(f"{name}() has {len(node.expressions)} arguments")
        arguments = [expand(each, dialect, timezone) for each in node.expressions]
        return FUNCTIONS[name](arguments, dialect, timezone)

    return query.transform(replaced)


def _filled(template: str, dialect: str, **values: exp.Expr) -> exp.Expr:
    """A template in the dialect, with expressions for its names in capitals."""
    made = sqlglot.parse_one(template, dialect=dialect)
    for column in list(made.find_all(exp.Column)):
        if column.name in values:
            column.replace(values[column.name].copy())
    return made


def _listed(names: str) -> str:
    return ", ".join(f"'{name}'" for name in names.split())


def _major(arguments: list[exp.Expr], _: str, __: str) -> exp.Expr:
    amount, currency = arguments
    unit = (
        f"CASE WHEN CURRENCY IN ({_listed(ZERO_DECIMALS)}) THEN CAST(1 AS DECIMAL(4, 3)) "
        f"WHEN CURRENCY IN ({_listed(THREE_DECIMALS)}) THEN CAST(0.001 AS DECIMAL(4, 3)) "
        "ELSE CAST(0.01 AS DECIMAL(4, 3)) END"
    )
    return exp.paren(
        exp.Mul(
            this=exp.paren(amount.copy()),
            expression=_filled(unit, "duckdb", CURRENCY=currency),
        )
    )


def _local(time: exp.Expr, dialect: str, timezone: str) -> exp.Expr:
    if dialect == "clickhouse":
        return _filled(f"toTimeZone(AT, '{timezone}')", dialect, AT=time)
    return exp.AtTimeZone(this=exp.paren(time.copy()), zone=exp.Literal.string(timezone))


def _month_of(arguments: list[exp.Expr], dialect: str, timezone: str) -> exp.Expr:
    local = _local(arguments[0], dialect, timezone)
    if dialect == "clickhouse":
        return _filled("toStartOfMonth(AT)", dialect, AT=local)
    return _filled("CAST(DATE_TRUNC('month', AT) AS DATE)", "duckdb", AT=local)


def _day_of(arguments: list[exp.Expr], dialect: str, timezone: str) -> exp.Expr:
    local = _local(arguments[0], dialect, timezone)
    if dialect == "clickhouse":
        return _filled("toDate(AT)", dialect, AT=local)
    return _filled("CAST(AT AS DATE)", "duckdb", AT=local)


def _start_of(arguments: list[exp.Expr], dialect: str, timezone: str) -> exp.Expr:
    if dialect == "clickhouse":
        return _filled(f"toDateTime64(AT, 6, '{timezone}')", dialect, AT=arguments[0])
    begins = exp.cast(arguments[0].copy(), "timestamp")
    return exp.paren(exp.AtTimeZone(this=begins, zone=exp.Literal.string(timezone)))


def _utc(arguments: list[exp.Expr], dialect: str, _: str) -> exp.Expr:
    return _local(arguments[0], dialect, "UTC")


def _plain(arguments: list[exp.Expr], _: str, __: str) -> exp.Expr:
    return _filled("RTRIM(RTRIM(CAST(AMOUNT AS TEXT), '0'), '.')", "duckdb", AMOUNT=arguments[0])


ITEMS = {
    "duckdb": """UNNEST(FROM_JSON(ITEMS, '["JSON"]'))""",
    "postgres": "JSONB_ARRAY_ELEMENTS(CASE JSONB_TYPEOF(ITEMS) WHEN 'array' THEN ITEMS END)",
    "clickhouse": "arrayJoin(JSONExtractArrayRaw(ifNull(ITEMS, '')))",
    "snowflake": "EXPLODE(CAST(PARSE_JSON(ITEMS) AS ARRAY))",
    "bigquery": "EXPLODE(JSON_QUERY_ARRAY(ITEMS))",
}


def _json_items(arguments: list[exp.Expr], dialect: str, _: str) -> exp.Expr:
    template = ITEMS.get(dialect, ITEMS["duckdb"])
    return _filled(template, dialect if dialect in ITEMS else "duckdb", ITEMS=arguments[0])


POSITIONS = {
    "duckdb": "UNNEST(RANGE(CAST(JSON_ARRAY_LENGTH(ITEMS) AS BIGINT)))",
    "postgres": "CAST(GENERATE_SERIES(0, CASE JSONB_TYPEOF(ITEMS) WHEN 'array' "
    "THEN JSONB_ARRAY_LENGTH(ITEMS) END - 1) AS BIGINT)",
}
FIRST = {"duckdb": "JSON_EXTRACT(ITEMS, '$[0]')", "postgres": "(ITEMS -> 0)"}


def _json_positions(arguments: list[exp.Expr], dialect: str, _: str) -> exp.Expr:
    known = dialect if dialect in POSITIONS else "duckdb"
    return _filled(POSITIONS[known], known, ITEMS=arguments[0])


def _json_first(arguments: list[exp.Expr], dialect: str, _: str) -> exp.Expr:
    known = dialect if dialect in FIRST else "duckdb"
    return _filled(FIRST[known], known, ITEMS=arguments[0])


def _json_text(arguments: list[exp.Expr], dialect: str, _: str) -> exp.Expr:
    value, *keys = arguments
    if dialect == "clickhouse":
        given = ", ".join(f"KEY{n}" for n in range(len(keys)))
        names = {f"KEY{n}": key for n, key in enumerate(keys)}
        template = f"nullIf(JSONExtractString(VALUE, {given}), '')"
        return _filled(template, dialect, VALUE=value, **names)
    path = exp.paren(value.copy())
    for key in keys[:-1]:
        path = exp.paren(exp.JSONExtract(this=path, expression=key.copy(), only_json_types=True))
    return exp.paren(
        exp.JSONExtractScalar(this=path, expression=keys[-1].copy(), only_json_types=True)
    )


ARGUMENTS = {
    "major": (2, 2),
    "month_of": (1, 1),
    "day_of": (1, 1),
    "start_of": (1, 1),
    "utc": (1, 1),
    "plain": (1, 1),
    "json_items": (1, 1),
    "json_positions": (1, 1),
    "json_first": (1, 1),
    "json_text": (2, 9),
}
"""The least and the most arguments of each."""
FUNCTIONS: dict[str, Function] = {
    "major": _major,
    "month_of": _month_of,
    "day_of": _day_of,
    "start_of": _start_of,
    "utc": _utc,
    "plain": _plain,
    "json_items": _json_items,
    "json_positions": _json_positions,
    "json_first": _json_first,
    "json_text": _json_text,
}
