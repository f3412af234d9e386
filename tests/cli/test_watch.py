"""``sync --watch``: from a change in Stripe to its target, until it is told to stop."""

from __future__ import annotations

import json
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from stripe_source.simulator import Simulator, SimulatorConfig
from tests.cli.conftest import Running, Terminal, interrupt, until
from tests.plays.conftest import SECRET, Hook, hook

__all__ = ["hook"]

PLAY = """
model = "invoices"
on = ["changed"]
columns = ["status"]

[webhook]
url = "${PLAYS_WEBHOOK_URL}"
secret = "${PLAYS_WEBHOOK_SECRET}"
"""
EVERY = 2  # seconds


@pytest.fixture
def account() -> Iterator[Simulator]:
    """An account in which nothing happens but what the test does."""
    with Simulator(SimulatorConfig(seed=3, customers=8, years=1, fixtures=1)) as simulator:
        yield simulator


@pytest.fixture
def user(terminal: Terminal, account: Simulator, hook: Hook) -> Terminal:
    """A terminal with a play, and a key to the account."""
    (terminal.folder / "plays").mkdir()
    (terminal.folder / "plays" / "invoice_changed.toml").write_text(PLAY)
    secrets = {"PLAYS_WEBHOOK_URL": hook.url, "PLAYS_WEBHOOK_SECRET": SECRET}
    return Terminal(terminal.folder, terminal.env | secrets | {"STRIPE_MODELS__DEPLOY": "true"}).at(
        account
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def health(port: int) -> tuple[int, Any]:
    """What the health address says; 0 where nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as failure:
        return failure.code, json.load(failure)
    except OSError:
        return 0, None


def rounds(port: int) -> int:
    """How many rounds have come to their end."""
    _, told = health(port)
    return int(told["rounds"]) if told else 0


def opened(account: Simulator) -> list[dict[str, Any]]:
    """Its open invoices."""
    return [each for each in account.account.objects("/v1/invoices") if each["status"] == "open"]


def watching(user: Terminal, port: int, *more: object) -> Running:
    """Start to watch."""
    return user.start("sync", "--watch", f"{EVERY}s", "--health", port, "--json", *more)


def test_from_an_invoice_to_a_webhook(user: Terminal, account: Simulator, hook: Hook) -> None:
    """An invoice is voided in Stripe, and the play arrives within an interval, signed.

    A round in which nothing is new costs one request: the read of the events. SIGTERM ends it well.
    """
    client = stripe.StripeClient(account.api_key, base_addresses={"api": account.url})
    port = free_port()
    with watching(user, port) as process:
        until(lambda: rounds(port) >= 2)
        (invoice, *_) = opened(account)
        began = time.monotonic()
        client.v1.invoices.void_invoice(invoice["id"])
        until(lambda: bool(hook.got), 20)
        took = time.monotonic() - began
        seen = rounds(port)
        until(lambda: rounds(port) >= seen + 2)
        assert health(port)[1]["status"] == "healthy"
        assert interrupt(process, signal.SIGTERM) < 10
        out, err = process.communicate()
    assert process.returncode == 0, err
    told = [json.loads(line) for line in out.splitlines()]
    (got,) = hook.got
    assert got.body["data"]["key"]["invoice_id"] == invoice["id"]
    assert (got.body["data"]["before"]["status"], got.body["data"]["after"]["status"]) == (
        "open", "void",
    )  # fmt: skip
    # The rest of one interval, and the round that then finds it.
    assert took < EVERY + max(each["seconds"] for each in told)
    synced = [each["sync"] for each in told[1:] if each["sync"]]
    idle = [each["requests"] for each in synced if not any(each["rows"].values())]
    assert idle
    assert set(idle) == {1}
    assert all(each["trouble"] == [] for each in told[:-1])
    assert account.api_key not in out + err


def test_it_survives_that_others_are_down(user: Terminal, account: Simulator, hook: Hook) -> None:
    """Stripe refuses, then the target: the health address says which, and then that all is well."""
    client = stripe.StripeClient(account.api_key, base_addresses={"api": account.url})
    port = free_port()
    with watching(user, port) as process:
        until(lambda: rounds(port) >= 1)
        account.faults.append({"path": "/v1/events", "kind": "401", "every": 1})
        until(lambda: health(port)[0] == 503, 40)
        account.faults.clear()
        until(lambda: health(port)[0] == 200, 40)
        hook.always(500)
        invoices = opened(account)[:6]
        for invoice in invoices:
            client.v1.invoices.void_invoice(invoice["id"])
        until(lambda: bool(hook.got), 20)
        hook.always(204)
        until(lambda: len({got.id for got in hook.got}) == len(invoices), 40)
        until(lambda: health(port)[0] == 200, 40)
        interrupt(process, signal.SIGTERM)
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--watch", "x"], "--watch takes the time of a round"),
        (["--watch", "0s"], "--watch takes the time of a round"),
        (["--watch", "5s", "--reconcile"], "not with --reconcile"),
        (["--watch", "5s", "--end-date", "2026-01-01"], "not with --end-date"),
        (["--health", "8080"], "--health is for --watch"),
    ],
)
def test_wrong_calls(user: Terminal, options: list[str], said: str) -> None:
    """One line, and exit code 2."""
    ran = user.run("sync", *options)
    assert (ran.code, said in ran.line) == (2, True), ran.err


def test_what_is_wrong_from_the_start(user: Terminal, account: Simulator) -> None:
    """A bad play, a bad key, or a port that is taken end it before anything is done."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = user.run("sync", "--watch", "5s", "--health", taken.getsockname()[1], "-q")
    assert (ran.code, "can't be had" in ran.line) == (2, True)
    refused = user.at(account, "sk_test_nobody0000000000000000")
    ran = refused.run("sync", "--watch", "5s", "-q")
    assert ran.code == 4
    assert "sk_test_nobody" not in ran.err
    file = user.folder / "plays" / "invoice_changed.toml"
    file.write_text(file.read_text().replace("changed", "chnged", 1))
    ran = user.run("sync", "--watch", "5s", "-q")
    assert (ran.code, "invoice_changed.toml" in ran.line) == (2, True)


def test_a_stop_in_the_middle(user: Terminal) -> None:
    """SIGTERM while the first sync reads: it ends within seconds, and the next one goes on."""
    with watching(user, free_port(), "--all") as process:
        time.sleep(2.5)
        assert interrupt(process, signal.SIGTERM) < 10
    assert process.returncode == 0
    assert user.run("sync", "-q").code == 0
