"""The page is one file that trusts no text, asks nothing of a network, and says what it lacks."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from importlib.resources import files

import pytest

from stripe_source.errors import UsageError
from stripe_source.models.warehouse import warehouse as opened
from stripe_source.page import render
from stripe_source.page.markup import as_json, tag
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import Warehouse
from tests.page.conftest import HOSTILE, Reported, figures_of
from tests.page.parsed import Page

SECTIONS = [
    "Now",
    "Monthly recurring revenue",
    "Churn and retention",
    "Retention by cohort",
    "Net revenue",
    "Overdue invoices",
    "Receivables by age",
]


def test_names_and_numbers_stay_text(reported: Reported) -> None:
    """What a customer is called is read as that, and makes no element."""
    assert HOSTILE in reported.page.text
    assert "<img" not in reported.html
    assert not [name for name, _ in reported.page.tags if name in ("img", "iframe", "object")]
    assert [name for name, _ in reported.page.tags].count("script") == 3


def test_every_text_of_the_figures_stays_text(reported: Reported) -> None:
    """Not even an account's id or a currency is trusted."""
    figures = replace(
        reported.figures,
        account=HOSTILE,
        currency=HOSTILE,
        now=replace(reported.figures.now, currency=HOSTILE) if reported.figures.now else None,
        months=[replace(month, currency=HOSTILE) for month in reported.figures.months or []],
        revenue=[replace(entry, currency=HOSTILE) for entry in reported.figures.revenue or []],
        ageing=[replace(entry, currency=HOSTILE) for entry in reported.figures.ageing or []],
        overdue=[
            replace(one, currency=HOSTILE, collection_method=HOSTILE, number=None, customer=None)
            for one in reported.figures.overdue or []
        ],
    )
    html = render(figures)
    page = Page(html)
    assert "<img" not in html.lower()
    assert [name for name, _ in page.tags].count("script") == 3
    assert HOSTILE in page.text


def test_data_in_a_script_cannot_end_it() -> None:
    """JSON keeps what it says, without a character that HTML or a script would read otherwise."""
    value = {HOSTILE: ["<!--", "\u2028\u2029", 1.5, None]}
    text = as_json(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_attributes_are_escaped() -> None:
    """A text can't leave the attribute that it is in."""
    ((_, attributes),) = Page(tag("p", title=HOSTILE, hidden=False, class_=None)).tags
    assert attributes == {"title": HOSTILE}


def test_nothing_is_loaded(reported: Reported) -> None:
    """No element, style or script names an address, and the policy allows none."""
    for _, attributes in reported.page.tags:
        for name in ("src", "href", "srcset", "action", "poster", "style", "onerror", "onload"):
            assert attributes.get(name) in (None, "data:,")
    assert not re.search(r"url\(|@import", "".join(reported.page.styles))
    library, ours = reported.page.scripts[1:]
    assert "sourceMappingURL" not in library
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|import\(", ours)
    outside = re.sub(r"<script>.*?</script>|<!--.*?-->", "", reported.html, flags=re.DOTALL)
    assert "//" not in outside


def test_the_policy_allows_these_scripts_alone(reported: Reported) -> None:
    """The policy has the hashes of the scripts and the style that are there, and nothing else."""
    (policy,) = (
        attributes["content"]
        for _, attributes in reported.page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash, reported.page.scripts[1:])),
        "style-src": _hash(reported.page.styles[0]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_every_chart_has_a_table(reported: Reported) -> None:
    """Each canvas has a name, data, and a table under the same heading."""
    figures = [a["data-chart"] for name, a in reported.page.tags if name == "figure"]
    assert sorted(map(str, figures)) == sorted(reported.page.charts)
    names = [a.get("aria-label") for name, a in reported.page.tags if name == "canvas"]
    assert len(names) == len(figures)
    assert all(names)
    assert reported.page.headings == SECTIONS
    assert all(reported.page.under(heading) for heading in SECTIONS[1:])


def test_the_library_comes_with_its_license(reported: Reported) -> None:
    """The license is in the page, as it asks for, and in the package beside the library."""
    license_ = files("stripe_source.page") / "static" / "chart-4.6.1.LICENSE.md"
    text = license_.read_text(encoding="utf-8").strip()
    assert "Permission is hereby granted" in text
    assert text in reported.html
    assert "Chart.js v4.6.1" in reported.page.scripts[1]


def test_what_is_not_loaded_is_said(account: Simulator, warehouse: Warehouse) -> None:
    """Without the resources of a model its section is left out, and the page names them."""
    other = Warehouse(warehouse.file.parent, "default")
    other.sync(account)
    page = Page(render(figures_of(other)))
    assert "Net revenue" not in page.headings
    assert "Overdue invoices" in page.headings
    assert page.headings[0] == "Left out"
    assert "Net revenue by month: not loaded: charges" in page.text
    assert "stripe-source sync --resources models" in page.text


def test_a_section_without_customers(account: Simulator, warehouse: Warehouse) -> None:
    """Where only invoices are loaded, overdue ones show the customer's id; the rest is named."""
    other = Warehouse(warehouse.file.parent, "invoices")
    other.sync(account, "invoices")
    figures = figures_of(other)
    page = Page(render(figures))
    assert figures.overdue
    (table,) = page.under("Overdue invoices")
    assert all(name.startswith("cus_") for name in table.column("Customer"))
    left = {left.section: left.resources for left in figures.left_out}
    assert "subscriptions" in left["Headline figures"]
    assert set(left) == {
        "Headline figures",
        "MRR, churn and retention by month",
        "Retention cohorts",
        "Net revenue by month",
    }


def test_an_empty_account(warehouse: Warehouse) -> None:
    """An account without an object has a page, and it says so."""
    other = Warehouse(warehouse.file.parent, "empty")
    with Simulator(SimulatorConfig(customers=0, years=0.1, fixtures=0)) as nobody:
        other.sync(nobody, "models")
    page = Page(render(figures_of(other)))
    assert "This account has no invoices yet." in page.text
    assert page.charts == {}
    assert "Left out" not in page.headings
    assert page.tables == []


def test_models_that_are_not_deployed(account: Simulator, warehouse: Warehouse) -> None:
    """Without any model there is no page: the error names the command to run."""
    other = Warehouse(warehouse.file.parent, "bare")
    other.sync(account, "invoices")
    with opened(other.pipeline) as place:
        place.client.execute_sql("DROP SCHEMA stripe_models CASCADE")
    with pytest.raises(UsageError, match="run 'stripe-source models deploy'"):
        figures_of(other)
