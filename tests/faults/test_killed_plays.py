"""Plays that are killed at random moments deliver every change, and twice only with its own id.

CI plays a thousand changes on each database; ``CRASH_EXAMPLES=100`` five times, at other moments.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.plays.conftest import Got, Hook, Shop, hook, postgres, shop, small, synced

__all__ = ["hook", "postgres", "shop", "small", "synced"]

CHANGES = 1_000
KEYS = 400
EXAMPLES = int(os.environ.get("CRASH_EXAMPLES") or 0)
RUN = """
import sys, dlt
from stripe_source.destination import duckdb
from stripe_source.plays import Play, deliver, run_plays

deliver.BACKOFF = (0.2,)
target, folder, url = sys.argv[1:]
kind = duckdb if target.endswith(".duckdb") else dlt.destinations.postgres
pipeline = dlt.pipeline(
    "shop", pipelines_dir=folder, destination=kind(target), dataset_name="stripe"
)
pipeline.sync_destination()
play = Play.of("the test", {
    "name": "shops", "model": "own.shops", "key": "id", "on": ["added", "changed", "removed"],
    "webhook": {"url": url}, "limits": {"rows": 100_000, "rate": 400, "attempts": 20},
})
(ran,) = run_plays(pipeline, [play])
sys.exit(0 if ran.ok and not ran.left else 9)
"""


@pytest.mark.parametrize("example", range(max(EXAMPLES // 20, 1)))
def test_every_change_once_or_with_its_id(
    shop: Shop, hook: Hook, tmp_path: Path, example: int
) -> None:
    """1,000 changes of 400 rows, while runs are killed and the target fails every now and then.

    All of them arrive: each row's in their order, the last one with its last value, and what comes
    twice has the same id and the same text.
    """
    chance = random.Random(None if EXAMPLES else example)  # noqa: S311 - any moments will do
    hook.answer = lambda _: (500 if chance.random() < 0.02 else 204, {})
    assert _run(shop, hook, tmp_path, None) == 0  # the baseline
    last: dict[int, int] = {}
    left, step, kills = CHANGES, 0, 0
    while left:
        step += 1
        ids = chance.sample(range(KEYS), min(left, chance.randint(60, 250)))
        left -= len(ids)
        shop.do(
            *(f"DELETE FROM own.shops WHERE id = {each}" for each in ids if each in last),
            *(f"INSERT INTO own.shops VALUES ({each}, 'n{step}', {step})" for each in ids),
        )
        last |= dict.fromkeys(ids, step)
        # Rows are looked at once for each step: what changes twice between two looks is one change.
        while not _found(shop, step):
            kills += _run(shop, hook, tmp_path, chance.uniform(0.3, 2.0)) < 0
    deadline = time.monotonic() + 120
    while _run(shop, hook, tmp_path, chance.uniform(1.0, 4.0)) != 0:
        kills += 1
        assert time.monotonic() < deadline
    assert kills >= 3
    _check(hook.got, shop, last)


def _check(got: list[Got], shop: Shop, last: dict[int, int]) -> None:
    texts: dict[str, set[str]] = defaultdict(set)
    steps: dict[int, list[int]] = defaultdict(list)
    for each in got:
        if each.id not in texts:
            after = each.body["data"]["after"]
            steps[after["id"]].append(int(after["revenue"]))
        texts[each.id].add(json.dumps(each.body))
    assert len(texts) == CHANGES
    assert all(len(same) == 1 for same in texts.values())
    assert all(told == sorted(told) for told in steps.values())
    assert {identifier: told[-1] for identifier, told in steps.items()} == last
    rows = shop.deliveries()
    assert {row["id"] for row in rows} == set(texts)
    assert {row["status"] for row in rows} == {"delivered"}


def _found(shop: Shop, step: int) -> bool:
    """Whether the changes of a step are among the deliveries, sent or not."""
    return any(row["after"]["revenue"] == step for row in shop.deliveries())


def _run(shop: Shop, hook: Hook, folder: Path, seconds: float | None) -> int:
    """Run the play in a process of its own, which is killed after so many seconds."""
    params = shop.pipeline.destination.config_params
    target = str(params["credentials"])
    command = [sys.executable, "-c", RUN, target, str(folder / "runs"), hook.url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            _, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return -signal.SIGKILL
    assert process.returncode in (0, 9), err
    return process.returncode
