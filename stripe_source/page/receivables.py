"""What customers owe: the largest overdue invoices, and all that is open by its age."""

from collections.abc import Sequence

from stripe_source.page.charts import table
from stripe_source.page.figures import Ageing, Overdue
from stripe_source.page.markup import Html, tag
from stripe_source.page.wording import NOTHING, amount, counted, day_name, money

BUCKETS = {
    "not due": "Not due",
    "1-30": "1-30 days",
    "31-60": "31-60 days",
    "61-90": "61-90 days",
    "over 90": "Over 90 days",
}
METHODS = {"charge_automatically": "charged", "send_invoice": "sent"}


def overdue_section(overdue: Sequence[Overdue], invoices: int) -> Html:
    """The largest overdue invoices, each in its own currency."""
    rows = [
        [
            _name(invoice.number or invoice.invoice_id),
            _name(invoice.customer or invoice.customer_id or NOTHING),
            money(invoice.amount_remaining, invoice.currency),
            f"{invoice.days_overdue:,}",
            day_name(invoice.due_on),
            _how(invoice),
        ]
        for invoice in overdue
    ]
    head = ["Invoice", "Customer", "Amount due", "Days overdue", "Due", "Collection"]
    more = invoices > len(overdue)
    said = f"The largest {len(overdue)} of" if more else "All of"
    return tag(
        "section",
        tag("h2", "Overdue invoices"),
        tag("p", "No invoice is overdue.")
        if not overdue
        else tag(
            "p",
            f"{said} {counted(invoices, 'invoice')}, compared at today's "
            "exchange rates, those without a rate last. An invoice that is charged automatically "
            "is due when it is finalized.",
            class_="note",
        ),
        table(head, rows, texts=2) if overdue else None,
    )


def ageing_section(ageing: Sequence[Ageing]) -> Html:
    """A row for each currency, a column for each age."""
    found = {(entry.currency, entry.bucket): entry for entry in ageing}
    rows = []
    for currency in sorted({entry.currency for entry in ageing}):
        entries = [found.get((currency, bucket)) for bucket in BUCKETS]
        cells = [
            NOTHING
            if entry is None
            else tag(
                "td",
                amount(entry.amount, currency),
                tag("small", counted(entry.invoices, "invoice")),
                class_="n",
            )
            for entry in entries
        ]
        rows.append([currency.upper(), *cells])
    return tag(
        "section",
        tag("h2", "Receivables by age"),
        tag("p", "What open invoices are still to bring, by days overdue.", class_="note")
        if rows
        else tag("p", "No invoice is open."),
        table(["Currency", *BUCKETS.values()], rows, texts=1) if rows else None,
    )


def _name(text: str) -> Html:
    """A text of a customer's, with its direction of writing kept in."""
    return tag("bdi", text)


def _how(invoice: Overdue) -> str:
    method = METHODS.get(invoice.collection_method or "", invoice.collection_method or NOTHING)
    attempts = invoice.attempt_count or 0
    return f"{method}, {counted(attempts, 'attempt')}" if attempts else method
