"""Random histories, with mutations before, during and between syncs, and faults on the way.

In a third of them the first sync meets faults, too; the rest begin with one that went well.

``CONVERGENCE_EXAMPLES=5000 pytest tests/convergence`` runs thousands a theme, new ones each time;
what fails is shrunk to the shortest history that does, and printed.
"""

import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stripe_source.errors import StripeSourceError
from stripe_source.simulator import Simulator
from stripe_source.simulator.config import EventQuirks
from tests.conftest import Warehouse
from tests.convergence.equality import assert_equal
from tests.simulator.histories import QUIRKS, Player, Step, small, steps_about

TABLES = {
    "customers": ["customers", "tax_ids"],
    "methods": ["payment_methods", "customers"],
    "catalog": ["products", "prices", "plans", "tax_rates"],
    "coupons": ["coupons", "promotion_codes", "customers"],
    "subscriptions": ["subscriptions", "invoices", "invoice_items"],
    "invoices": ["invoices", "invoice_items", "credit_notes", "invoice_payments"],
    "payments": ["payment_intents", "charges", "refunds", "disputes", "payouts", "setup_intents"],
}
"""What a history about something is seen in."""
FAULTS = ("500", "503", "502_html", "reset", "reset_body", "truncate", "truncate_quietly",
          "garbage", "429_lock_timeout", "404_cursor", "401", "stall")  # fmt: skip
EXAMPLES = int(os.environ.get("CONVERGENCE_EXAMPLES") or 0)
FRESH = st.tuples(st.just(False), st.integers(1, 20))
BEGUN = st.tuples(st.just(True), st.integers(1, 2))
START = st.one_of(FRESH, BEGUN, BEGUN)
"""Whether a history begins with a database that was synced once, and the account's seed."""
NTH = st.integers(1, 25)
FAULT = st.one_of(
    st.fixed_dictionaries({"kind": st.sampled_from(FAULTS), "nth": NTH, "seconds": st.just(0.2)}),
    st.fixed_dictionaries({"kind": st.just("changes"), "nth": NTH, "count": st.integers(1, 4),
                           "times": st.integers(1, 5), "every": st.integers(1, 3)}),
    st.fixed_dictionaries({"kind": st.just("cursor_deleted"), "nth": st.integers(1, 4)}),
)  # fmt: skip
"""What happens during a sync, to the connection or to the account."""


@pytest.mark.parametrize("theme", TABLES)
@settings(
    max_examples=EXAMPLES or 4,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(
    data=st.data(),
    quirks=QUIRKS,
    start=START,
    page_rows=st.sampled_from([100, 100, 7, 2]),
    faults=st.lists(FAULT, max_size=3),
)
def test_warehouse_equals_the_account(
    theme: str,
    data: st.DataObject,
    quirks: EventQuirks,
    start: tuple[bool, int],
    page_rows: int,
    faults: list[dict[str, Any]],
) -> None:
    """After a quiet sync every table is as the account, and after a reconciliation to the last."""
    steps: list[Step] = data.draw(steps_about({theme}))
    small_chunks, reconciles = (data.draw(st.sampled_from([False] * 4 + [True])) for _ in "ab")
    options = {"chunk_rows": 20} if small_chunks else {}
    begun, seed = start
    made = small(seed) if begun else small(seed, quirks)
    with made as sim, tempfile.TemporaryDirectory() as folder:
        warehouse, player = Warehouse(Path(folder)), Player(sim)
        if begun:
            warehouse.file.write_bytes(_first_synced(theme, seed))
        sim.config.events, sim.config.page_rows = quirks, page_rows
        for step in steps if begun else [("sync",), *steps]:
            if step[0] == "sync":
                sim.faults.extend(dict(fault) for fault in faults)
                _sync_or_fail(warehouse, sim, TABLES[theme], options)
                sim.faults.clear()
            else:
                player.play(step)
        sim.advance(quirks.lag[1])
        warehouse.sync(sim, *TABLES[theme], relist_every=0, **options)
        _compare(warehouse, sim, TABLES[theme], reconciled=False)
        if reconciles:
            warehouse.sync(sim, *TABLES[theme], reconcile=True, **options)
            _compare(warehouse, sim, TABLES[theme], reconciled=True)


@cache
def _first_synced(theme: str, seed: int) -> bytes:
    """The database after a first sync without faults, quirks and small pages; made once."""
    with tempfile.TemporaryDirectory() as folder, small(seed) as sim:
        warehouse = Warehouse(Path(folder))
        warehouse.sync(sim, *TABLES[theme])
        return warehouse.file.read_bytes()


def _sync_or_fail(
    warehouse: Warehouse, sim: Simulator, names: list[str], options: dict[str, Any]
) -> None:
    """A sync that a fault may end."""
    with suppress(StripeSourceError):
        warehouse.sync(sim, *names, **options)


def _compare(warehouse: Warehouse, sim: Simulator, names: list[str], *, reconciled: bool) -> None:
    """With whole pages for the SDK, which forgets a nested list's parent behind the second one."""
    rows, sim.config.page_rows = sim.config.page_rows, 100
    assert_equal(warehouse, sim, names, reconciled=reconciled)
    sim.config.page_rows = rows


def test_equality_notices_what_is_wrong(account: Simulator, warehouse: Warehouse) -> None:
    """The comparison that all else rests on fails for a row that has changed since."""
    warehouse.sync(account, "customers")
    assert_equal(warehouse, account, ["customers"], reconciled=True)
    row = account.account.objects("/v1/customers")[0]
    account.account.update("/v1/customers", row["id"], {"name": "Other"})
    with pytest.raises(AssertionError, match="Other"):
        assert_equal(warehouse, account, ["customers"], reconciled=False)
