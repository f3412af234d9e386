"""Numbers are written as their currency has them."""

from datetime import date
from decimal import Decimal

import pytest

from stripe_source.page.wording import counted, day_name, money, month_name, percent


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (Decimal("1234567.895"), "usd", "USD 1,234,567.90"),
        (Decimal("1234.5"), "jpy", "JPY 1,235"),
        (Decimal("1.2345"), "kwd", "KWD 1.235"),
        (Decimal(12), "isk", "ISK 12.00"),
        (Decimal("-0.001"), "eur", "EUR 0.00"),
        (-3.5, "eur", "EUR -3.50"),
        (0, "eur", "EUR 0.00"),
        (None, "eur", "\u2013"),
    ],
)
def test_money(value: Decimal | float | None, currency: str, text: str) -> None:
    """Amounts have 0, 2 or 3 decimals by currency, halves away from 0, and no -0."""
    assert money(value, currency) == text


def test_shares() -> None:
    """Shares are in percent; without a denominator there is none."""
    assert (percent(0.12345), percent(1, 0), percent(None)) == ("12.3%", "100%", "\u2013")


def test_dates_and_counts() -> None:
    """Months and days are told in words, and one of a thing is one."""
    assert (month_name(date(2026, 11, 1)), day_name(date(2026, 11, 3))) == (
        "Nov 2026",
        "3 Nov 2026",
    )
    assert (counted(1, "invoice"), counted(2_000, "invoice")) == ("1 invoice", "2,000 invoices")
    assert counted(2, "currency", "currencies") == "2 currencies"
