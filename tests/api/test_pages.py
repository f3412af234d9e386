"""A page is read by its indentation, and comes out as if it had been parsed whole."""

import json
from typing import Any

import orjson
import pytest
import urllib3

from stripe_source.api.pages import Page, read_page
from stripe_source.catalog import CATALOG
from stripe_source.simulator import Simulator

ROWS = [
    {"id": "in_3", "object": "invoice", "created": 1_700_000_300, "lines": {"data": []}},
    {"id": "in_2", "object": "invoice", "created": 1_700_000_200, "lines": {"data": [{"id": "x"}]}},
    {"id": "in_1", "object": "invoice", "created": 1_700_000_100, "lines": {"data": []}},
]


def listed(rows: list[Any], has_more: bool = False, **more: Any) -> dict[str, Any]:
    """A list object in the simulator's key order."""
    return {"object": "list", "data": rows, "has_more": has_more, "url": "/v1/invoices"} | more


def pretty(document: Any) -> bytes:
    """As Stripe indents it."""
    return json.dumps(document, indent=2).encode() + b"\n"


def compact(document: Any) -> bytes:
    """Without a blank."""
    return json.dumps(document, separators=(",", ":")).encode()


LAYOUTS = {
    "pretty": pretty,
    "compact": compact,
    "one line": lambda document: json.dumps(document).encode(),
    "four blanks": lambda document: json.dumps(document, indent=4).encode(),
    "tabs": lambda document: json.dumps(document, indent="\t").encode(),
    "no newline at the end": lambda document: pretty(document).strip(),
    "CRLF": lambda document: pretty(document).replace(b"\n", b"\r\n"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("more", [True, False])
def test_any_layout_reads_the_same(layout: str, more: bool) -> None:
    """However the JSON is laid out, rows, last row and has_more are the same."""
    body = LAYOUTS[layout](listed(ROWS, more))
    page = read_page(body)
    assert (page.rows, page.has_more) == (3, more)
    assert (page.last_id, page.last_created) == ("in_1", 1_700_000_100)
    assert page.body == body


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "order",
    [
        ("object", "url", "has_more", "data"),
        ("object", "data", "has_more", "url"),
        ("data", "has_more", "object", "url"),
        ("has_more", "object", "url", "data", "total_count"),
        ("object", "data", "has_more", "total_count", "next_page", "url"),
    ],
)
def test_any_order_of_keys_reads_the_same(layout: str, order: tuple[str, ...]) -> None:
    """Stripe's docs have data last, its answers have it in the middle: both are read."""
    whole = listed(ROWS, True, total_count=3, next_page=None)
    page = read_page(LAYOUTS[layout]({key: whole[key] for key in order}))
    assert (page.rows, page.has_more, page.last_id) == (3, True, "in_1")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_empty_page(layout: str) -> None:
    """A list of nothing has no last row and nothing more."""
    page = read_page(LAYOUTS[layout](listed([])))
    assert (page.rows, page.has_more, page.last_id, page.last_created) == (0, False, None, None)
    assert not page.incomplete


def test_an_empty_page_over_several_lines() -> None:
    """An empty list may also be written with its brackets apart, as Stripe once did."""
    body = b'{\n  "object": "list",\n  "data": [\n\n  ],\n  "has_more": false,\n  "url": "/v1/x"\n}'
    assert read_page(body) == Page(body, 0, False, None, None, False)


def test_rows_that_share_a_line() -> None:
    """Rows that are indented like Stripe's but for two on one line are all counted."""
    rows = ",\n    ".join(json.dumps(row) for row in ROWS[:2]) + ", " + json.dumps(ROWS[2])
    body = f'{{\n  "object": "list",\n  "data": [\n    {rows}\n  ],\n  "has_more": true\n}}'
    page = read_page(body.encode())
    assert (page.rows, page.last_id) == (3, "in_1")


@pytest.mark.parametrize("before", ["", "\n      ", "\n"])
def test_rows_that_are_indented_otherwise(before: str) -> None:
    """Where only the brackets of the list are indented like Stripe's, its rows still count."""
    rows = ",".join(before + json.dumps(row) for row in ROWS)
    body = f'{{\n  "object": "list",\n  "data": [{rows}\n  ],\n  "has_more": false\n}}'
    page = read_page(body.encode())
    assert (page.rows, page.last_id) == (3, "in_1")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_text_that_looks_like_structure(layout: str) -> None:
    """Strings with newlines, brackets and keys of a page in them are strings, nothing else."""
    evil = '\n  "data": [\n    {"id": "fake"},\n    {\n  ],\n  "has_more": true\n}'
    rows = [
        {"id": "in_2", "description": evil, "created": 2, "metadata": {'"has_more": true': evil}},
        {"id": "in_1", "description": '\\"', "created": 1, "metadata": {"a": '"has_more": true'}},
        {"id": "in_0", "created": 0, "metadata": {evil: "  ]"}, "name": "Robert');\u2028 🚀 ]}"},
    ]
    page = read_page(LAYOUTS[layout](listed(rows)))
    assert (page.rows, page.has_more, page.last_id, page.last_created) == (3, False, "in_0", 0)
    assert not page.incomplete


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nested_lists_are_no_rows(layout: str) -> None:
    """What is inside of rows isn't counted, however deep and however named."""
    nested = listed([{"id": "il_1", "created": 5}, {"id": "il_2", "tiers": [{"up_to": 1}]}])
    rows = [{"id": "in_2", "created": 9, "lines": nested, "data": [{"id": "x"}]}]
    page = read_page(LAYOUTS[layout](listed(rows)))
    assert (page.rows, page.last_id, page.last_created) == (1, "in_2", 9)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_nested_list_that_goes_on(layout: str, at: int) -> None:
    """A row of the page whose list has more is noticed, whichever row it is."""
    rows = [dict(row, lines=listed([{"id": "il_1"}])) for row in ROWS]
    rows[at]["lines"]["has_more"] = True
    assert read_page(LAYOUTS[layout](listed(rows))).incomplete


def test_a_page_that_goes_on_has_complete_rows() -> None:
    """The page's own has_more says nothing about its rows: nothing is read again for it."""
    rows = [dict(row, lines=listed([{"id": "il_1"}])) for row in ROWS]
    assert not read_page(pretty(listed(rows, True))).incomplete


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_dated_by_the_field_that_is_named(layout: str) -> None:
    """Some objects call it otherwise; one without the field, or with a text in it, has none."""
    rows = [{"id": "x_1", "created": 7, "effective_at": 8, "text": "9"}]
    body = LAYOUTS[layout](listed(rows))
    assert read_page(body).last_created == 7
    assert read_page(body, "effective_at").last_created == 8
    assert read_page(body, "text").last_created is None
    assert read_page(body, "missing").last_created is None


@pytest.mark.parametrize("layout", LAYOUTS)
def test_more_without_a_row_to_go_on_from(layout: str) -> None:
    """A page that promises more but has no row, or none with an id, would never end: an error."""
    for rows in ([], [{"created": 1}], [{"id": None}]):
        with pytest.raises(ValueError, match="promises more"):
            read_page(LAYOUTS[layout](listed(rows, True)))
        assert read_page(LAYOUTS[layout](listed(rows))).last_id is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"list"',
        b"{}",
        b"<html>",
        b"\xff\xfe",
        b"\x1f\x8b\x08",
        compact({"error": {"message": "no"}}),
        compact({"object": "list"}),
        compact({"object": "list", "data": None, "has_more": False}),
        compact({"object": "list", "data": {}, "has_more": False}),
        compact(listed([None])),
        compact(listed(["in_1"])),
        pretty(listed([["in_1"]])),
        pretty({"object": "invoice", "data": [{"id": "x"}], "has_more": False}),
        compact({"object": "search_result", "data": [], "has_more": False}),
    ],
)
def test_what_is_no_list(body: bytes) -> None:
    """Anything but a list of objects is a ValueError, which the client takes for a fault."""
    with pytest.raises(ValueError):  # noqa: PT011 - the parser's own messages among them
        read_page(body)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_page_cut_anywhere(layout: str) -> None:
    """A page that ends too early, at whatever byte, is never taken for a page."""
    body = LAYOUTS[layout](listed(ROWS, True)).rstrip()
    for end in range(len(body)):
        with pytest.raises(ValueError):  # noqa: PT011 - as above
            read_page(body[:end])


def test_a_page_without_has_more() -> None:
    """A page that leaves out whether there is more can't be told from the last one: an error."""
    document = {"object": "list", "data": ROWS}
    for body in (pretty(document), compact(document)):
        with pytest.raises(ValueError, match="has_more"):
            read_page(body)


@pytest.mark.parametrize("name", sorted(n for n, row in CATALOG.items() if not row.single))
def test_pages_of_every_list(name: str, business: Simulator) -> None:
    """For each list that there is, the raw answer reads as it does when parsed whole."""
    row = CATALOG[name]
    answer = urllib3.request(
        "GET",
        business.url + row.path,
        fields=row.query(),
        headers={"Authorization": f"Bearer {business.api_key}"},
        retries=False,
    )
    assert answer.status == 200, answer.data
    body = answer.data
    page, document = read_page(body, row.created_field), orjson.loads(body)
    last = document["data"][-1]
    assert page.rows == len(document["data"])
    assert (page.last_id, page.has_more) == (last["id"], document["has_more"])
    assert page.last_created == last.get(row.created_field)
    assert page.incomplete is (b'"has_more":true' in orjson.dumps(document["data"]))
