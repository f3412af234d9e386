"""A big simulated account in a process of its own.

A small business is made as always. Its objects are then copied, by the hundred thousand if need
be: a copy costs no memory but its place in the list, and is served as fast as its text can be
filled in.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from random import Random
from typing import Any

import orjson

from stripe_source.simulator import Simulator, SimulatorConfig
from stripe_source.simulator.store.row import Prototype

DAY = 86_400
YEARS = 3 * 365 * DAY
RECENT = 0.01  # of the objects, the newest, which half of the changes are of
MODELS = 100  # objects of each kind, at the most, that are copied in turn
OWN_LISTS = ("lines", "items")  # of children, which are copied with their parents
COPIED = {
    "customers": "/v1/customers",
    "products": "/v1/products",
    "prices": "/v1/prices",
    "subscriptions": "/v1/subscriptions",
    "invoices": "/v1/invoices",
}


@dataclass(frozen=True)
class Content:
    """How many copies of which objects there are, and how the server behaves."""

    copies: Mapping[str, int]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Changed:
    """What was changed: in how many events, and where in the list, newest first."""

    events: int
    places: list[int]


class Served:
    """The account as the benchmarks see it: an address, a key, how many of each there are."""

    url: str
    key: str
    rows: dict[str, int]

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url, self.key, self.rows = pipe.recv()

    def change(self, name: str, count: int) -> Changed:
        """Change so many objects, half of them among the newest, the others anywhere."""
        changed: Changed = self._ask("change", name, count)
        return changed

    def stats(self) -> dict[str, Any]:
        """The simulator's counters since they were asked for last."""
        counted: dict[str, Any] = self._ask("stats")
        return counted

    def _ask(self, *command: Any) -> Any:
        self._pipe.send(command)
        return self._pipe.recv()


@contextmanager
def served(content: Content) -> Iterator[Served]:
    """The account, for as long as the block runs."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(content, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Served(ours)
    finally:
        ours.close()
        process.join(10)
        process.terminate()


def _serve(content: Content, pipe: Connection) -> None:
    config = SimulatorConfig(customers=40, livemode=True, request_log=1, **content.settings)
    simulator = Simulator(config)
    now = simulator.account.clock.now
    for name, count in content.copies.items():
        models = _models(simulator, COPIED[name])
        for number, model in enumerate(models):
            share = (count + number) // len(models)
            simulator.account.bulk(COPIED[name], model, share, now - YEARS, now - DAY)
    with simulator:
        rows = {name: len(simulator.account.collection(COPIED[name])) for name in content.copies}
        pipe.send((simulator.url, simulator.api_key, rows))
        while True:
            try:
                what, *arguments = pipe.recv()
            except EOFError:
                return
            pipe.send({"change": _change, "stats": _stats}[what](simulator, *arguments))


def _models(simulator: Simulator, path: str) -> list[dict[str, Any]]:
    """Objects of the business, with ids and a time that are filled in for each copy.

    None has a discount: that is an object with an id of its own, which is not copied with it. Nor
    has one a list that goes on at its own address, so that pages are all that there is to read.
    """
    objects = [row.data for row in simulator.account.collection(path).ordered.rows]
    whole = simulator.account.presenter.present
    chosen = [
        each
        for each in objects
        if not each.get("discounts") and not any(_goes_on(whole(each, {}), n) for n in OWN_LISTS)
    ][-MODELS:]
    return [_model(each, f"{number:02x}") for number, each in enumerate(chosen)]


def _goes_on(shown: dict[str, Any], name: str) -> bool:
    nested = shown.get(name)
    return isinstance(nested, dict) and bool(nested["has_more"])


def _model(chosen: dict[str, Any], letters: str) -> dict[str, Any]:
    text = orjson.dumps(chosen).decode()
    nested = (chosen.get(name) for name in OWN_LISTS)
    children = [each["data"] for each in nested if isinstance(each, dict)]
    own = [chosen["id"], *(child["id"] for items in children for child in items)]
    for number, identifier in enumerate(own):
        kind = identifier.rpartition("_")[0] or "made"
        text = text.replace(identifier, f"{kind}_{letters}{Prototype.TOKEN}{number or ''}")
    model: dict[str, Any] = orjson.loads(text)
    return model | {"created": Prototype.TIME}


def _change(simulator: Simulator, name: str, count: int) -> Changed:
    account, path = simulator.account, COPIED[name]
    simulator.advance(600)
    rows = account.collection(path).ordered.rows
    chance = Random(count)  # noqa: S311 - any objects will do
    newest = int(len(rows) * RECENT)
    chosen = set(chance.sample(range(newest), min(count // 2, newest)))
    while len(chosen) < count:
        chosen.add(chance.randrange(len(rows)))
    ids = [rows[len(rows) - 1 - place].id for place in chosen]
    for identifier in ids:
        account.update(path, identifier, {"metadata": {"changed": str(account.clock.now)}})
    simulator.advance(600)
    return Changed(len(ids), sorted(chosen))


def _stats(simulator: Simulator) -> dict[str, Any]:
    counted = simulator.stats.as_json(simulator.account)
    simulator.stats.reset()
    return counted
