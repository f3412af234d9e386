"""What is masked is masked in every place of a row, and all else is as it was."""

import hashlib
import hmac
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stripe_source.catalog import CATALOG
from stripe_source.tables.hashed import hashed
from stripe_source.tables.inside import Hidden, hide
from stripe_source.tables.layout import tables_of
from stripe_source.tables.masking import masks_for
from stripe_source.tables.types import arrow_schema
from tests.tables.pages import page, tables

CUSTOMER = {"id": "cus_1", "object": "customer", "created": 1_700_000_000, "livemode": False}
INTENT = {"id": "pi_1", "object": "payment_intent", "created": 1_700_000_000}
SECRET = "a secret"


def digest(text: str, secret: str = SECRET) -> str:
    """What Python's own hmac makes of a text."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def one(
    resource: str, shown: dict[str, Any], *exclude: str, hash_: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The row of an object under masks."""
    masks = masks_for(exclude, hash_, SECRET)
    (row,) = tables(resource, page(shown), masks=masks)[resource].to_pylist()
    return dict(row)


@settings(deadline=None)
@given(st.lists(st.none() | st.text(), min_size=1), st.text(min_size=1, max_size=150))
def test_a_hash_is_the_hmac(texts: list[str | None], secret: str) -> None:
    """HMAC in SQL is Python's, for every text and every length of the secret."""
    rows = pa.table({"id": pa.array(range(len(texts))), "t": pa.array(texts, pa.string())})
    made = hashed(rows, ["t"], secret)
    assert made["t"].to_pylist() == [None if t is None else digest(t, secret) for t in texts]
    assert made.schema == rows.schema


SCALARS = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text()
KEYS = st.sampled_from(["k", "p", "other", 'odd"k', "k\\"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


def without(value: Any, path: tuple[str, ...], *, hash_: bool) -> Any:
    """The document as it is to be: the slow way, one value after the other."""

    def at_end(last: Any) -> Any:
        return digest(last) if hash_ and isinstance(last, str) else None

    def walk(value: Any, parent: str | None) -> Any:
        if isinstance(value, list):
            return [walk(each, None) for each in value]
        if isinstance(value, dict):
            inside = len(path) == 1 or parent == path[0]
            return {
                key: at_end(each) if inside and key == path[-1] else walk(each, key)
                for key, each in value.items()
            }
        return value

    return walk(value, None)


@settings(deadline=None)
@given(st.lists(VALUES, min_size=1), st.booleans())
@example([{"k": {"k": "a"}}, {"k": 1, "p": {"k": 12}}, {"k": "a", "other": '"k":"a",'}], True)
@example([{"k": [], "p": {"k": {"k": []}}}], False)
def test_inside_of_json(documents: list[Any], hash_: bool) -> None:
    """Every value of a key goes, at any depth, whatever it is, and nothing else does."""
    texts = pa.chunked_array([pa.array([json.dumps(each) for each in documents], pa.string())])
    made = hide(texts, [Hidden(("k",), hash_)], SECRET).to_pylist()
    assert [json.loads(text) for text in made] == [
        without(each, ("k",), hash_=hash_) for each in documents
    ]


@settings(deadline=None)
@given(VALUES)
@example({"p": {"k": "a", "other": {"p": {"k": "a"}}}})
def test_a_path_inside_of_json(document: Any) -> None:
    """Of a path's values none is left; of an equal one elsewhere at most the value goes."""
    texts = pa.chunked_array([pa.array([json.dumps(document)], pa.string())])
    (made,) = hide(texts, [Hidden(("p", "k"))], SECRET).to_pylist()
    wanted = without(document, ("p", "k"), hash_=False)
    assert without(json.loads(made), ("k",), hash_=False) == without(wanted, ("k",), hash_=False)
    assert without(json.loads(made), ("p", "k"), hash_=False) == json.loads(made)


@pytest.mark.parametrize(
    ("shown", "extra"),
    [
        ({"email": {"new": "x"}}, {"email": None}),
        ({"address": "1 Main St"}, {"address": None}),
        ({"address": {"city": "Rome", "planet": "x"}}, {"address__planet": None}),
        ({"brand_new": {"email": "x", "n": 1}}, {"brand_new": {"email": None, "n": 1}}),
        ({"brand_new": 1}, {"brand_new": 1}),
    ],
)
def test_what_has_no_column(shown: dict[str, Any], extra: dict[str, Any]) -> None:
    """``_extra`` keeps nothing of what is masked: what did not fit, new parts of it, copies."""
    row = one("customers", CUSTOMER | shown, "customers.email", "customers.address")
    assert json.loads(row["_extra"]) == extra
    assert row["address__city"] is None


def test_a_misfit_of_a_hashed_column() -> None:
    """What is no text has no hash, and is not kept."""
    row = one("customers", CUSTOMER | {"email": {"a": "x"}}, hash_=("customers.email",))
    assert json.loads(row["_extra"]) == {"email": None}
    assert row["email"] is None


def test_all_of_extra() -> None:
    """``_extra`` can be left out by its own name."""
    row = one("customers", CUSTOMER | {"brand_new": 1, "email": "x"}, "customers._extra")
    assert (row["_extra"], row["email"]) == (None, "x")


def test_copies_in_json() -> None:
    """A copy in a JSON column of the table is masked, and one in an object that JSON shows."""
    metadata = {"email": "x", "n": "1"}
    row = one("customers", CUSTOMER | {"email": "x", "metadata": metadata}, "customers.email")
    assert json.loads(row["metadata"]) == {"email": None, "n": "1"}
    billing = {"email": "x", "name": "Ada"}
    method = {"id": "pm_1", "object": "payment_method", "billing_details": billing}
    failed = INTENT | {"last_payment_error": {"code": "c", "payment_method": method}}
    names = "payment_methods.billing_details__name"
    row = one("payment_intents", failed, "payment_methods.billing_details__email", hash_=(names,))
    shown = json.loads(row["last_payment_error"])["payment_method"]["billing_details"]
    assert shown == {"email": None, "name": digest("Ada")}


def test_without_masks() -> None:
    """Where nothing is masked, the rows are handed on as they are."""
    (table,) = tables_of(CATALOG["tax_rates"])
    rows = arrow_schema(table).empty_table()
    assert masks_for([], [], None).masked(table, rows) is rows
