"""The figures that ``python -m stripe_source.simulator.bench`` prints."""

from __future__ import annotations

import os
from contextlib import closing

import pytest

from stripe_source.simulator import Simulator, bench


@pytest.mark.rule("8.1a")
def test_every_page_is_read(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench reads each list to its end, then again and compressed, and counts what it got."""
    monkeypatch.setattr(bench, "READING", 0.1)
    told: list[bench.Measured] = []
    with closing(bench.Client(sim.url, sim.api_key)) as client:
        bench.read_pages(bench.Server(os.getpid(), client), told.append)
    assert len(told) == 9
    invoices = len(sim.account.objects("/v1/invoices"))
    assert [each.pages for each in told[::3]][:2] == [-(-invoices // 100)] * 2
    plain, compressed = told[1], told[2]
    assert compressed.size / compressed.pages < plain.size / plain.pages / 4
    assert all(each.pages and each.seconds > 0 and str(each).startswith("/v1/") for each in told)


def test_objects_are_counted() -> None:
    """Objects and the memory that they took are told of an account that is made apart."""
    made = bench.made_apart(5, 0.3)
    assert made.objects > 100
    assert made.seconds > 0
    assert made.memory > 0
