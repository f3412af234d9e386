"""The page: sections of what there is, the charts' data, script and style, all in one file."""

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from string import Template

from stripe_source.page.charts import Chart
from stripe_source.page.cohorts import cohort_section
from stripe_source.page.figures import Figures, LeftOut
from stripe_source.page.headline import headline
from stripe_source.page.markup import Html, as_json, join, tag
from stripe_source.page.mrr import (
    mrr_charts,
    mrr_section,
    rate_charts,
    rate_section,
    without_rate,
)
from stripe_source.page.receivables import ageing_section, overdue_section
from stripe_source.page.revenue import revenue_charts, revenue_section
from stripe_source.page.wording import day_name, month_name
from stripe_source.settings import VERSION

LIBRARY = "chart-4.6.1"
"""Chart.js as ``npm pack chart.js@4.6.1`` has it in dist/chart.umd.min.js, MIT."""


def render(figures: Figures) -> str:
    """The figures as one HTML document that asks nothing of a network."""
    charts: list[Chart] = []
    parts = (_first, _recurring, _earned, _owed)
    sections = join([section for part in parts for section in part(figures, charts)])
    library, script, style = _script(f"{LIBRARY}.umd.min.js"), _text("page.js"), _text("page.css")
    return Template(_text("page.html")).substitute(
        policy=_policy([library, script], style),
        license=_text(f"{LIBRARY}.LICENSE.md").strip(),
        library=library,
        script=script,
        style=style,
        header=_header(figures),
        sections=sections,
        data=as_json({chart.name: chart.drawn() for chart in charts}),
        version=VERSION,
    )


def _first(figures: Figures, _: list[Chart]) -> Iterator[Html]:
    """What is missing, and the headline."""
    if figures.invoices == 0:
        yield tag("p", "This account has no invoices yet.", class_="warning")
    if figures.left_out:
        yield _missing(figures.left_out)
    if figures.now:
        yield headline(figures.now)


def _recurring(figures: Figures, charts: list[Chart]) -> Iterator[Html]:
    """MRR, rates and cohorts; their charts are added to ``charts``."""
    if figures.months:
        mrr = mrr_charts(figures.months, figures.month)
        rates = rate_charts(figures.months, figures.month)
        charts += [*mrr, *rates]
        yield mrr_section(mrr, without_rate(figures.months))
        yield rate_section(rates)
    elif figures.months is not None:
        yield _empty("Monthly recurring revenue", "No customer has had a paid subscription yet.")
    if figures.cohorts:
        yield cohort_section(figures.cohorts, figures.month, figures.currency or "")


def _earned(figures: Figures, charts: list[Chart]) -> Iterator[Html]:
    """Net revenue."""
    if figures.revenue:
        revenue = revenue_charts(figures.revenue, figures.month, figures.currency)
        charts += revenue.values()
        yield revenue_section(revenue, figures.revenue, figures.currency)
    elif figures.revenue is not None:
        yield _empty("Net revenue", "There is no revenue yet.")


def _owed(figures: Figures, _: list[Chart]) -> Iterator[Html]:
    """Receivables."""
    if figures.overdue is not None:
        yield overdue_section(figures.overdue, figures.overdue_invoices)
    if figures.ageing is not None:
        yield ageing_section(figures.ageing)


def _header(figures: Figures) -> Html:
    facts = [
        tag("span", figures.account),
        None if figures.livemode else tag("strong", "test mode"),
        tag("span", f"as of {day_name(figures.today)}"),
    ]
    if figures.read_at:
        at = figures.read_at
        facts.append(tag("span", f"Stripe last read {day_name(at.date())}, {at:%H:%M} UTC"))
    return tag(
        "header",
        tag("h1", "Stripe report"),
        tag("p", join(facts, " · ")),
        tag(
            "p",
            f"The last 24 months. {month_name(figures.month)} is not over: its figures are "
            "incomplete, and drawn lighter or dashed.",
            class_="note",
        )
        if figures.months or figures.revenue
        else None,
    )


def _missing(left_out: list[LeftOut]) -> Html:
    """Which sections are left out, and what to do about each."""
    lines = [
        tag("li", f"{left.section}: ", _remedy(left), class_="missing")
        for left in sorted(left_out, key=lambda left: not left.resources)
    ]
    return tag("section", tag("h2", "Left out"), tag("ul", *lines), class_="warning")


def _remedy(left: LeftOut) -> Html:
    if not left.resources:
        return join(["its model is not deployed. Run ", _command("stripe-source models deploy")])
    command = _command("stripe-source sync --resources models")
    names = ", ".join(left.resources)
    return join([f"not loaded: {names}. ", command, " loads all that the page reads."])


def _command(text: str) -> Html:
    return tag("code", text)


def _empty(title: str, said: str) -> Html:
    return tag("section", tag("h2", title), tag("p", said))


def _policy(scripts: list[str], style: str) -> str:
    """What the page may do: run these scripts, wear this style, and nothing else."""
    allowed = " ".join(_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _script(name: str) -> str:
    """A script without the line that has developer tools ask for its source map."""
    return _text(name).partition("//# sourceMappingURL=")[0]


@cache
def _text(name: str) -> str:
    found = files("stripe_source.page").joinpath("static", name)
    return found.read_text(encoding="utf-8").replace("\r\n", "\n")
