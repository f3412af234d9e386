"""Syncs that follow on each other closely ask for lists rarely, and yet miss nothing of them."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_source.report import Report
from stripe_source.simulator import Simulator, SimulatorConfig
from tests.conftest import Warehouse

OBJECTS = {
    # with events and without, and how the list is read
    "reporting_report_runs": ("/v1/reporting/report_runs", "frr_late"),
    "balance_transactions": ("/v1/balance_transactions", "txn_late"),
    "webhook_endpoints": ("/v1/webhook_endpoints", "we_late"),
    "files": ("/v1/files", "file_late"),
}


def lists(simulator: Simulator, since: int) -> list[str]:
    """The paths that were asked for, but for the events."""
    paths = [each["path"] for each in list(simulator.stats.log)[since:]]
    return sorted(path for path in paths if path != "/v1/events")


@pytest.mark.parametrize("name", OBJECTS)
def test_a_list_is_looked_at_hourly(account: Simulator, warehouse: Warehouse, name: str) -> None:
    """In between one request is made, and what the list had meanwhile comes with the next look.

    Also where the events have moved on since: they may not tell of what is new.
    """
    path, identifier = OBJECTS[name]
    known: dict[Any, Any] = {}

    def watched() -> list[str]:
        since = len(list(account.stats.log))
        report = Report(watching=True, known=known)
        warehouse.sync(account, name, "customers", report=report, models=False)
        return lists(account, since)

    watched()
    account.advance(10)
    account.account.insert(path, {"id": identifier})
    account.advance(1_200)
    assert watched() == []
    query = f"SELECT count(*) FROM {name} WHERE id = '{identifier}'"
    assert warehouse.rows(query) == [(0,)]
    account.advance(2_400)
    assert watched() + watched() == [path]  # by the time that the last answer told
    assert warehouse.rows(query) == [(1,)]
    account.advance(60)
    assert watched() == []


def test_a_plain_sync_afterwards_looks_at_once(account: Simulator, warehouse: Warehouse) -> None:
    """Who does not watch gets what the list has now."""
    warehouse.sync(account, "files", report=Report(watching=True), models=False)
    account.advance(10)
    account.account.insert("/v1/files", {"id": "file_late"})
    account.advance(1_200)
    warehouse.sync(account, "files", report=Report(watching=True), models=False)
    warehouse.sync(account, "files", models=False)
    assert warehouse.rows("SELECT count(*) FROM files WHERE id = 'file_late'") == [(1,)]


def test_the_first_of_its_kind(warehouse: Warehouse) -> None:
    """Where a list was empty, its head is read from where it was looked at last.

    The events have moved on since, and a newest row to begin at there is none.
    """
    known: dict[Any, Any] = {}
    query = "SELECT count(*) FROM reporting_report_runs"
    with Simulator(SimulatorConfig(seed=3, customers=2, years=0.2, fixtures=0)) as account:

        def watched() -> None:
            report = Report(watching=True, known=known)
            warehouse.sync(
                account, "reporting_report_runs", "customers", report=report, models=False
            )

        watched()
        account.advance(10)
        account.account.insert("/v1/reporting/report_runs", {"id": "frr_first"})
        for _ in range(4):
            account.advance(1_200)
            watched()
    assert warehouse.rows(query) == [(1,)]
