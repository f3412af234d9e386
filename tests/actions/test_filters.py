"""Filters go to a list or to search, say what they mean, and can't be escaped from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stripe_source.actions.filters import CannotTell, Filter, SearchKind, quoted, to_list, to_search
from stripe_source.errors import UsageError
from stripe_source.simulator.search.language import Clause, parse
from tests.actions.conftest import Connect, Made, do

FIELDS: dict[str, SearchKind] = {
    "created": "time",
    "email": "text",
    "metadata": "metadata",
    "name": "text",
    "status": "token",
    "total": "number",
}
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
NASTY = st.text(st.sampled_from(list("\"'\\ :~-[]()<>=\n\tANDORabc*")), min_size=1).filter(
    str.strip
)


def where(*conditions: tuple[str, str, object], combine: str = "and") -> Filter:
    """A filter by field, operator and value."""
    given = [dict(zip(("field", "operator", "value"), each, strict=True)) for each in conditions]
    return Filter.model_validate({"conditions": given, "combine": combine})


@settings(max_examples=1000, deadline=None)
@given(ANY_TEXT | NASTY, ANY_TEXT | NASTY)
def test_no_value_ends_its_quotes(value: str, key: str) -> None:
    """Whatever a value or a metadata key is, the query has the clauses asked for, and no others.

    The reader of queries is the simulator's, which knows nothing of how they are written.
    """
    wanted = where(("email", "=", value), (f"metadata.{key}", "!=", value))
    first, second = parse(to_search(wanted, FIELDS)).clauses
    assert first == Clause("email", ":", value)
    assert second == Clause("metadata", ":", value, key, negated=True)


@settings(max_examples=200, deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=10), st.sampled_from(["and", "or"]))
def test_clauses_stay_as_many_as_they_are(values: list[str], combine: str) -> None:
    """Ten conditions are ten clauses, joined as asked."""
    query = parse(to_search(where(*(("name", "=", v) for v in values), combine=combine), FIELDS))
    assert [clause.value for clause in query.clauses] == values
    assert query.every == (combine == "and" or len(values) == 1)


@pytest.mark.parametrize("name", ['Ada "the \\ Count"ess', "it's", 'a" OR created>0', "\\", '"'])
def test_a_name_is_found_by_search_and_nothing_else(
    made: Made, connected: Connect, name: str
) -> None:
    """A name full of quotes finds its customer, over HTTP, and not the whole account."""
    simulator = made(search_lag=0)
    session = connected(simulator)
    (inserted,) = do(session, "insert customer", mappings={"metadata.tag": name})
    filtered = {"conditions": [{"field": "metadata.tag", "value": name}]}
    assert [o.id for o in do(session, "search customers", filter=filtered)] == [inserted.id]


@pytest.mark.parametrize(
    ("condition", "clause"),
    [
        (("email", "~", "ada@"), 'email~"ada@"'),
        (("created", ">=", "2026-01-01"), "created>=1767225600"),
        (("created", "<", 1767225600), "created<1767225600"),
        (("total", ">", "100000"), "total>100000"),
        (("total", "!=", 5), "-total:5"),
        (("metadata.crm_id", "empty", None), 'metadata["crm_id"]:null'),
        (("metadata[crm id]", "=", 7), 'metadata["crm id"]:"7"'),
        (("email", "not empty", None), "-email:null"),
        (("status", "=", True), 'status:"true"'),
    ],
)
def test_conditions_as_clauses(condition: tuple[str, str, object], clause: str) -> None:
    """Each operator as Stripe writes it; times become Unix seconds."""
    assert to_search(where(condition), FIELDS) == clause


@pytest.mark.parametrize(
    ("conditions", "parameters"),
    [
        (
            [("due_date", "<", "2026-11-01"), ("due_date", ">=", "2026-10-01")],
            {"due_date": {"lt": 1793491200, "gte": 1790812800}},
        ),
        ([("due_date", "=", 5)], {"due_date": {"gte": 5, "lte": 5}}),
        (
            [("status", "=", "open"), ("customer", "=", "cus_1")],
            {"status": "open", "customer": "cus_1"},
        ),
    ],
)
def test_conditions_as_parameters_of_a_list(
    conditions: list[tuple[str, str, object]], parameters: dict[str, object]
) -> None:
    """What a list can filter by goes there; bounds of one field come together."""
    assert to_list(where(*conditions), "invoice_list") == parameters


@pytest.mark.parametrize(
    ("conditions", "line"),
    [
        ([("emial", "=", "x")], "search knows no field 'emial'; did you mean 'email'?"),
        ([("metadata", "=", "x")], "search knows no field 'metadata'"),
        ([("created", "~", "2026")], "search can't compare created by '~'"),
        ([("name", "=", "x")] * 11, "search takes 10 conditions at most"),
    ],
)
def test_what_search_cannot_tell(conditions: list[tuple[str, str, object]], line: str) -> None:
    """A condition that search has no field or operator for is named."""
    with pytest.raises(CannotTell) as refused:
        to_search(where(*conditions), FIELDS)
    assert line in str(refused.value)


@pytest.mark.parametrize(
    ("filtered", "line"),
    [
        (where(("status", "=", "opn")), "status is one of draft, open, paid, uncollectible, void"),
        (where(("currency", "=", "dollars")), "a currency is three letters, such as usd"),
        (where(("number", "~", "ab")), "at least 3 characters"),
        (where(("total", ">", "1.50")), "in minor units where it is money"),
        (where(("due_date", "<", "soon")), "due_date is no date: 'soon'"),
        (where(("customer", "=", "")), "compared with nothing; 'empty' asks for that"),
        (
            where(("due_date", "<", 5), ("total", ">", 5)),
            "search knows no field 'due_date'; the list has no filter 'total'. Search takes: "
            "created, currency, customer",
        ),
        (where(("due_date", "<", 5), ("status", "=", "open"), combine="or"), "lists have no 'or'"),
        (" ", "the query is empty"),
    ],
)
def test_a_filter_that_cannot_be(
    connected: Connect, made: Made, filtered: object, line: str
) -> None:
    """It is refused in one line that says what would do, and nothing is asked of Stripe."""
    simulator = made(customers=0)
    with pytest.raises(UsageError) as refused:
        do(connected(simulator), "search invoices", filter=filtered)
    assert line in str(refused.value)
    assert simulator.stats.requests == 0


def test_quotes_are_escaped() -> None:
    """A backslash and a quote get a backslash, nothing else changes."""
    assert quoted("a\\b\"c'd") == '"a\\\\b\\"c\'d"'
