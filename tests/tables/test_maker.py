"""Pages of several accounts that wait to be made into tables are made together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from stripe_source.api.pages import Page, read_page
from stripe_source.catalog import CATALOG
from stripe_source.errors import StripeUnavailable
from stripe_source.extract.spans import Bounds
from stripe_source.tables.batch import Batch
from stripe_source.tables.erased import Erased
from stripe_source.tables.maker import Maker, Recipe, Tables
from stripe_source.tables.masks import Masks
from stripe_source.tables.oddities import Oddities
from tests.tables.pages import page

RECIPE = Recipe(CATALOG["subscriptions"], Bounds(), True, Oddities(), Erased(), Masks())
ACCOUNTS = ("acct_1", "acct_2", "acct_3")


def subscription(account: str) -> Page:
    """A page with one subscription, of the same id in each account."""
    items = {"object": "list", "data": [{"id": f"si_{account}"}], "has_more": False}
    return read_page(page({"id": "sub_1", "description": account, "items": items}))


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pages each batch had that was made."""
    counts: list[int] = []

    class Counting(Batch):
        def __init__(self, **settings: Any) -> None:
            counts.append(len(settings["pages"]))
            super().__init__(**settings)

    monkeypatch.setattr("stripe_source.tables.maker.Batch", Counting)
    return counts


def made(jobs: list[tuple[str, Page]]) -> list[Tables | Exception]:
    """What becomes of these, which all wait before the first is looked at."""
    maker, go = Maker(), Event()
    maker._thread.submit(go.wait)

    def one(job: tuple[str, Page]) -> Any:
        try:
            return maker.make(RECIPE, job[0], [(job[1], 1_000.0)])
        except StripeUnavailable as failure:
            return failure

    with ThreadPoolExecutor(len(jobs)) as threads:
        waiting = [threads.submit(one, job) for job in jobs]
        while len(maker._jobs) < len(jobs):
            pass
        go.set()
        done = [each.result() for each in waiting]
    maker.stop()
    return done


def test_each_gets_its_own(batches: list[int]) -> None:
    """One batch for all accounts, of which each gets its rows, and no other's of the same id."""
    done = made([(account, subscription(account)) for account in ACCOUNTS])
    assert batches == [3]
    for account, tables in zip(ACCOUNTS, done, strict=True):
        assert isinstance(tables, dict)
        own, items = tables["subscriptions"], tables["subscription_items"]
        assert own.select(["_account_id", "description"]).to_pylist() == [
            {"_account_id": account, "description": account}
        ]
        assert items["id"].to_pylist() == [f"si_{account}"]


def test_two_lists_of_one_account(batches: list[int]) -> None:
    """Their rows could not be told apart, so each is made by itself."""
    first, second = made([("acct_1", subscription("a")), ("acct_1", subscription("b"))])
    assert batches == [1, 1]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["subscriptions"]["description"].to_pylist() == ["a"]
    assert second["subscriptions"]["description"].to_pylist() == ["b"]


def test_a_broken_page_is_of_one_account() -> None:
    """A page that turns out to be broken fails for its own account, the others get their rows."""
    broken = Page(**{**vars(subscription("x")), "body": b'{"data": [{"id": '})
    jobs = [("acct_1", subscription("acct_1")), ("acct_2", broken)]
    good, bad = made(jobs)
    assert isinstance(bad, StripeUnavailable)
    assert isinstance(good, dict)
    assert good["subscriptions"]["description"].to_pylist() == ["acct_1"]
