"""A client that keeps to the documented rules ends with the account exactly, whatever happened.

40 histories by default, the same ones each time. For thousands of new ones, say how many:
``REPLAY_EXAMPLES=5000 pytest tests/simulator/test_replay.py``; what fails is shrunk to the shortest
history that does, and printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_source.simulator import Simulator
from stripe_source.simulator.config import EventQuirks
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.store.events import SILENT

from .conftest import Wire
from .histories import QUIRKS, STEPS, Player, Step, histories, small
from .replaying import LISTS, TOLD, NaiveReplica, Ref, Replica

Json = dict[str, Any]
PLAIN = {name: TOLD[name] for name in ("charge", "customer", "product", "refund", "subscription")}
CUT = SILENT | {"subscription": {"items"}}
"""What no snapshot is to be blamed for: it shows ten items at most."""


@histories(40)
@given(steps=STEPS, quirks=QUIRKS, seed=st.integers(1, 20))
def test_replaying_client_reconstructs_the_account(
    steps: list[Step], quirks: EventQuirks, seed: int
) -> None:
    """After a last quiet sync it holds every object as it is, none too many, and no deleted one."""
    with small(seed, quirks) as sim:
        client, player = Replica(Wire(sim), quirks.lag[1]), Player(sim)
        known: set[Ref] = set()
        for step in [("sync",), *steps]:
            if step[0] == "sync":
                client.sync()
                known |= existing(sim.account)
            else:
                player.play(step)
        sim.advance(quirks.lag[1])
        client.follow()
        assert not differences(sim.account, client, TOLD, but=SILENT)
        client.sync()
        assert not differences(sim.account, client, LISTS)
        assert known - existing(sim.account) <= client.gone <= deleted(sim.account)


QUIET = [("mutate", 8), ("advance", 20), ("sync",)] * 12
ODD = {
    "late": EventQuirks(lag=(0, 60)),
    "twice": EventQuirks(duplicates=0.5),
    "stale": EventQuirks(stale=0.5),
    "older": EventQuirks(older=0.5),
}


@pytest.mark.parametrize("quirk", ODD)
def test_naive_client_is_wrong(quirk: str) -> None:
    """Each quirk alone misleads a client that believes snapshots; the other client bears it."""
    with small(5, ODD[quirk]) as sim:
        naive, client = follow_both(sim, ODD[quirk].lag[1])
        assert not differences(sim.account, client, LISTS)
        if quirk == "twice":
            assert naive.told["customer.created"] > made_since(sim.account, "customer")
        else:
            assert differences(sim.account, naive, PLAIN, but=CUT)


def test_naive_client_is_right_where_nothing_is_odd() -> None:
    """What misleads it is the quirks: without them snapshots add up, and counts of them too."""
    with small(5) as sim:
        naive, client = follow_both(sim, 0)
        assert not differences(sim.account, client, LISTS)
        assert not differences(sim.account, naive, PLAIN, but=CUT)
        assert naive.told["customer.created"] == made_since(sim.account, "customer")


def follow_both(sim: Simulator, lag: int) -> tuple[NaiveReplica, Replica]:
    """Both clients through the same twelve rounds of changes, and one quiet one."""
    sim.advance(100)
    naive, client, player = NaiveReplica(Wire(sim)), Replica(Wire(sim), lag), Player(sim)
    for step in [("sync",), *QUIET, ("advance", 100), ("sync",)]:
        if step[0] == "sync":
            client.sync()
            naive.sync()
        else:
            player.play(step)
    return naive, client


def made_since(account: Account, name: str) -> int:
    """How many objects were made while clients looked on, those that are gone again too."""
    made = [event for event in account.objects("/v1/events") if event["type"] == f"{name}.created"]
    since = [event for event in made if event["created"] > account.config.now]
    return len({event["data"]["object"]["id"] for event in since})


def differences(
    account: Account,
    client: Replica | NaiveReplica,
    names: dict[str, str],
    but: Mapping[str, set[str]] = MappingProxyType({}),
) -> list[str]:
    """What the client holds otherwise than the account has it, in words.

    ``but`` names fields, by object, that do not matter.
    """
    found = []
    for name, path in names.items():
        silent = but.get(name, set())
        theirs = {o["id"]: o for o in shown(account, path.partition("?")[0])}
        if name == "tax_id":
            theirs = {i: o for i, o in theirs.items() if not orphaned(account, o)}
        mine = client.held[name]
        found += [f"{name} {i} missing" for i in theirs.keys() - mine.keys()]
        found += [f"{name} {i} too many" for i in mine.keys() - theirs.keys()]
        for i in theirs.keys() & mine.keys():
            fields = [f for f in theirs[i] if theirs[i][f] != mine[i].get(f) and f not in silent]
            found += [f"{name} {i} {f}: {mine[i].get(f)} for {theirs[i][f]}" for f in fields]
            found += [f"{name} {i} {f} is not its" for f in mine[i].keys() - theirs[i].keys()]
    return found


def orphaned(account: Account, obj: Json) -> bool:
    """Whether its customer was deleted."""
    return obj["customer"] is not None and obj["customer"] not in account.home("customer").by_id


def existing(account: Account) -> set[Ref]:
    """What is in the lists."""
    return {(name, i) for name in LISTS for i in account.home(name).by_id}


def deleted(account: Account) -> set[Ref]:
    """What was in the lists once and is not now."""
    return {(name, i) for name in LISTS for i in account.home(name).deleted} - existing(account)


def shown(account: Account, path: str) -> list[Json]:
    """A list's objects without what comes only when it is expanded."""
    return [without_includables(account, obj) for obj in account.objects(path)]


def without_includables(account: Account, value: Any) -> Any:
    """A value without the includable fields of the objects in it."""
    if isinstance(value, list):
        return [without_includables(account, item) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = account.registry.includes.get(str(value.get("object")), {})
    return {k: without_includables(account, v) for k, v in value.items() if k not in left_out}
