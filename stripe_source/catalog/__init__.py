"""What can be extracted: one row per Stripe object, data only. A new extractor is one row here."""

from collections.abc import Iterable

from stripe_source.catalog.balance import BALANCE
from stripe_source.catalog.billing import BILLING
from stripe_source.catalog.financial import FINANCIAL
from stripe_source.catalog.fraud import FRAUD
from stripe_source.catalog.issuing import ISSUING
from stripe_source.catalog.payments import PAYMENTS
from stripe_source.catalog.platform import PLATFORM
from stripe_source.catalog.products import PRODUCTS
from stripe_source.catalog.reporting import REPORTING
from stripe_source.catalog.resource import Child, Embedded, Resource
from stripe_source.catalog.terminal import TERMINAL
from stripe_source.errors import UsageError, did_you_mean

__all__ = ["CATALOG", "DEFAULT", "GROUPS", "Child", "Embedded", "Resource", "names_in", "select"]

CATALOG: dict[str, Resource] = {
    row.name: row
    for family in (
        PAYMENTS,
        PRODUCTS,
        BILLING,
        BALANCE,
        FRAUD,
        PLATFORM,
        REPORTING,
        TERMINAL,
        ISSUING,
        FINANCIAL,
    )
    for row in family
}

DEFAULT = (
    "customers",
    "products",
    "prices",
    "plans",
    "coupons",
    "tax_rates",
    "subscriptions",
    "invoices",
)


MODELS = (
    *DEFAULT,
    "charges",
    "payment_intents",
    "invoice_payments",
    "refunds",
    "credit_notes",
    "disputes",
    "balance_transactions",
    "payouts",
)
FIVETRAN = (
    *(name for name in MODELS if name != "tax_rates"),
    "payment_methods",
    "invoice_items",
    "transfers",
    "account",
    "accounts",
)
GROUPS = {"default": DEFAULT, "models": MODELS, "fivetran": FIVETRAN, "all": tuple(CATALOG)}
"""Names for several rows: what is loaded if nobody says, what the data models read, what the views
in Fivetran's shape read, all."""


def select(names: Iterable[str] | None = None) -> list[Resource]:
    """The rows of these names and groups, in that order; the default selection without names.

    The name of a child or history table selects its parent. Raises UsageError for a name that isn't
    in the catalog, with the nearest one that is.
    """
    rows: dict[str, Resource] = {}
    for given in ("default",) if names is None else names:
        for name in GROUPS.get(given, (given,)):
            rows |= {row.name: row for row in _named(name)}
    if not rows:
        raise UsageError("no resource is selected")
    return list(rows.values())


def names_in(text: str) -> list[str]:
    """Names as a user writes them, with commas or blanks between."""
    return text.replace(",", " ").split()


def _named(name: str) -> list[Resource]:
    if name in CATALOG:
        return [CATALOG[name]]
    rows = [row for row in CATALOG.values() if name in (*row.tables, *row.histories)]
    if not rows:
        known = {table for row in CATALOG.values() for table in (*row.tables, *row.histories)}
        raise UsageError(f"unknown resource '{name}'{did_you_mean(name, known)}")
    return rows
