"""The generated schema agrees with the installed SDK, and its columns suit every destination."""

import ast
import json
from typing import Any

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention

from stripe_source.catalog import CATALOG
from stripe_source.schema import OBJECTS
from stripe_source.schema.columns import MAX_NAME
from stripe_source.schema.formats import DECIMALS, MILLISECOND_TIMES, NEWER_TIMES, TIMES
from stripe_source.schema.generate import schemas, sdk_version
from stripe_source.schema.sdk import SdkClass, classes_by_object
from stripe_source.settings import API_VERSION
from stripe_source.tables.layout import Table, tables_of
from stripe_source.tables.types import all_columns

TABLES = {table.name: table for row in CATALOG.values() for table in tables_of(row)}

# Every other integer of the SDK, by name: amounts, counts, scores and the like. A new one has to be
# put here or into schema/formats.py, after a look at its description.
NO_TIMES = frozenset(
    """
    account_trust_score accounts amount amount_authorized amount_capturable amount_captured
    amount_charged amount_discount amount_due amount_eligible amount_fees amount_gte amount_off
    amount_overpaid amount_paid amount_paid_off_stripe amount_received amount_refunded
    amount_releasable amount_remaining amount_requested amount_returned amount_reversed
    amount_shipping amount_subtotal amount_tax amount_total application_fee_amount atm_fee
    attempt_count attempts_remaining balance bank_account card cash cashback_amount color_depth
    count day day_of_month days_after_charge days_until_due delay_days delay_days_override
    delivery_year destination_duration device_trust_score discount_amount divide_by
    duration_in_months end_hour ending_balance estimated_worker_count exp_month exp_year
    expected_delivery_year expires_after_days expires_after_seconds fee flat_amount fpx gte hour
    inbound_pending interval_count iterations limit max_redemptions maximum
    maximum_amount_capturable maximum_length merchant_amount minimum minimum_amount minimum_length
    minute minutes month monthly_anchor net net_amount network_risk_score next_invoice_sequence
    nights number odometer out_of_band_amount outbound_pending payment_count
    payment_method_redisplay_limit payments_per_period pending_webhooks percent post_payment_amount
    post_payment_credit_notes_amount pre_payment_amount pre_payment_credit_notes_amount
    presentment_amount preset priority quantity risk_score screen_height screen_width second
    shipping_amount shipping_delay size smart_tip_threshold start_hour starting_balance status
    submission_count subtotal subtotal_excluding_tax tax tax_amount tax_amount_exclusive
    tax_amount_inclusive taxable_amount template_version times_redeemed timezone_offset total
    total_excluding_tax total_tax_amount transfer_up_to_amount trial_period_days unit_amount
    unit_cost up_to usage_gte value version year
    """.split()
)


def test_schema_and_sdk_agree() -> None:
    """Generating the schema again changes no file; if this fails, run schema.generate."""
    generated = dict(schemas())
    written = {f.stem: json.loads(f.read_text("utf-8")) for f in OBJECTS.glob("*.json")}
    assert written == json.loads(json.dumps(generated))


def test_the_pinned_version_is_the_sdks() -> None:
    """Requests ask for the version that the columns were generated for."""
    assert sdk_version() == API_VERSION == "2026-10-28.endive"


def test_every_integer_has_a_verdict() -> None:
    """Each integer name of the SDK is a time or is not, and someone has decided which."""
    names = set(_integers())
    times = TIMES | NEWER_TIMES | MILLISECOND_TIMES
    assert not times & NO_TIMES
    assert names - times == NO_TIMES
    assert names >= NEWER_TIMES | MILLISECOND_TIMES


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_columns_suit_every_destination(table: Table) -> None:
    """Names are unique, at most 63 long, and dlt's naming leaves them as they are."""
    names = [column.name for column in all_columns(table)]
    naming = NamingConvention()
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= MAX_NAME
    assert [naming.normalize_path(name) for name in names] == names
    assert naming.normalize_tables_path(table.name) == table.name
    assert set(table.key) <= set(names)
    assert all(column.description or column.kind for column in all_columns(table))


def test_decimals_are_named_or_annotated() -> None:
    """No decimal of the SDK is left as text."""
    texts = {
        column.name.rpartition("__")[2]
        for table in TABLES.values()
        for column in table.columns
        if column.kind == "text"
    }
    assert not texts & DECIMALS
    assert not {name for name in texts if name.endswith("_decimal")}


def _integers() -> dict[str, Any]:
    found: dict[str, Any] = {}

    def walk(cls: SdkClass) -> None:
        for name, (annotation, text) in cls.fields.items():
            if _is_integer(annotation):
                found[name] = text
        for nested in cls.nested.values():
            walk(nested)

    for cls in classes_by_object().values():
        walk(cls)
    return found


def _is_integer(annotation: ast.expr) -> bool:
    return ast.unparse(annotation) in ("int", "Optional[int]")
