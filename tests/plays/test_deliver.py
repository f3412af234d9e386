"""Deliveries: at least once, in order for each row, and one bad row holds up nobody else."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import standardwebhooks

from stripe_source.errors import DestinationError
from stripe_source.plays import Change, Failed, Refused
from stripe_source.plays import deliver as deliver_module
from stripe_source.plays.deliver import Until
from stripe_source.plays.run import exit_code
from stripe_source.plays.scene import opened
from stripe_source.plays.targets.function import Function
from tests.plays.conftest import SECRET, Hook, Shop, fails


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)


def three(shop: Shop, play: Any, **options: Any) -> Any:
    """Run a play for three rows that are new."""
    shop.ran(play)
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 20), (3, 'Eve', 30)")
    return shop.ran(play, **options)


def test_a_webhook_gets_each_change(shop: Shop, hook: Hook) -> None:
    """Signed so that the scheme's library verifies it, in its shape; the id is in the table."""
    play = shop.play(webhook={"url": hook.url, "secret": "${HOOK_SECRET}"})
    ran = three(shop, play)
    assert (ran.counts, ran.ok, exit_code([ran])) == ({"delivered": 3}, True, 0)
    for got in hook.got:
        body = standardwebhooks.Webhook(SECRET).verify(got.text, got.headers)
        assert body["type"] == "shops.added"
        assert body["data"]["key"] == {"id": body["data"]["after"]["id"]}
        assert body["data"]["before"] is None
        assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None
        assert got.headers["content-type"] == "application/json"
    told = shop.deliveries()
    assert {each["id"] for each in told} == {got.id for got in hook.got}
    assert {(each["outcome"], each["attempts"], each["why"]) for each in told} == {
        ("HTTP 204", 1, None)
    }
    assert all(each["ended_at"] >= each["found_at"] for each in told)


def test_a_body_and_headers_of_its_own(duck: Shop, hook: Hook, monkeypatch: Any) -> None:
    """Filled from the row; a header's secret is told by its name."""
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    play = duck.play(
        on=["changed"],
        webhook={
            "url": hook.url,
            "headers": {"Authorization": "Bearer ${HOOK_TOKEN}", "X-Team": "a"},
            "body": {"text": "{name} was {before.name}, {{not}}", "all": ["{revenue}", "{id}"]},
        },
    )
    three(duck, play)
    duck.do("UPDATE own.shops SET name = 'Zoë', revenue = NULL WHERE id = 2")
    duck.ran(play)
    (got,) = hook.got
    assert got.body == {"text": "Zoë was Bob, {not}", "all": [None, 2]}
    assert (got.headers["authorization"], got.headers["x-team"]) == ("Bearer t0ken", "a")
    assert "webhook-signature" not in got.headers


def test_null_within_a_text(duck: Shop, hook: Hook) -> None:
    """It is a dead letter that says which column; all others are delivered."""
    play = duck.play(webhook={"url": hook.url, "body": {"text": "Dear {name}"}})
    duck.ran(play)
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, NULL, 20), (3, 'Eve', 30)")
    ran = duck.ran(play)
    assert ran.counts == {"delivered": 2, "dead": 1}
    assert exit_code([ran]) == 3
    assert [each["why"] for each in duck.deliveries()] == [None, "name is null", None]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "HTTP 500"),
        (404, "HTTP 404"),
        (302, "HTTP 302: redirects are not followed"),
        (307, "HTTP 307: redirects are not followed"),
    ],
)
def test_a_target_that_fails(duck: Shop, hook: Hook, status: int, said: str) -> None:
    """It is tried again with the same id, until it is given up; a redirect leads nowhere."""
    other = f"{hook.url}/elsewhere"
    play = duck.play(webhook={"url": hook.url}, limits={"attempts": 3, "rate": 1000})
    duck.ran(play)
    hook.always(status, location=other)
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    ran = duck.ran(play)
    assert ran.counts == {"dead": 1}
    assert {got.path for got in hook.got} == {"/hook"}
    assert len({got.id for got in hook.got}) == 1
    (told,) = duck.deliveries()
    assert (told["status"], told["attempts"], told["why"]) == ("dead", 3, said)


def test_what_a_refusal_says_is_kept(duck: Shop) -> None:
    """Of a Python function that raises: the kind of error and its text, in one line."""

    def bad(_: Change) -> None:
        raise ValueError("no\nsuch 'thing'")

    def never(_: Change) -> None:
        raise Refused("not for us")

    plays = [
        duck.play(name="bad", function=Function(bad), limits={"attempts": 2}),
        duck.play(name="never", function=Function(never)),
    ]
    duck.run(*plays)
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    duck.run(*plays)
    told = {each["play"]: (each["status"], each["attempts"], each["why"])
            for each in duck.deliveries()}  # fmt: skip
    assert told == {
        "bad": ("dead", 2, "ValueError: no such 'thing'"),
        "never": ("dead", 1, "not for us"),
    }


def test_the_next_attempt_has_its_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the schedule of the Standard Webhooks specification; a run before it does not try."""
    schedule = (60, 300, 1_800)
    monkeypatch.setattr(deliver_module, "BACKOFF", schedule)
    play = shop.play(function=Function(fails(9)), limits={"attempts": 5})
    shop.ran(play)
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    for tried, wait in enumerate((60, 300, 1_800, 1_800), 1):
        before = datetime.now(UTC)
        for _ in range(2):  # the second one does not try
            ran = shop.ran(play)
            assert (ran.counts, ran.left, exit_code([ran])) == ({}, 1, 3)
            assert str(ran.failing).startswith("1 failed (not now); next attempt at ")
        (told,) = shop.deliveries()
        assert (told["status"], told["attempts"]) == ("pending", tried)
        assert wait - 1 < (told["next_at"] - before).total_seconds() < wait + 10
        shop.do("UPDATE stripe._stripe_deliveries SET next_at = found_at")
    assert shop.ran(play).counts == {"dead": 1}


def test_order_of_a_row(shop: Shop) -> None:
    """While the first change of a row waits, its later ones do; those of other rows don't."""
    blocked = threading.Event()

    def call(change: Change) -> None:
        if change.key["id"] == 1 and not blocked.is_set():
            raise Failed("not now")
        shop.note(change)

    play = shop.play(function=Function(call), limits={"attempts": 20, "rate": 1000})
    deliver_module.BACKOFF = (3_600,)
    shop.ran(play)
    for step in range(1, 4):
        shop.do("DELETE FROM own.shops", f"INSERT INTO own.shops VALUES (1, 'a{step}', 1), "
                f"(2, 'b{step}', 1)")  # fmt: skip
        shop.ran(play)
    assert [c.after["name"] for c in shop.seen if c.after] == ["b1", "b2", "b3"]
    shop.do("UPDATE stripe._stripe_deliveries SET next_at = found_at")
    assert shop.ran(play).left == 3  # all three are due, and the first one fails
    blocked.set()
    shop.do("UPDATE stripe._stripe_deliveries SET next_at = found_at")
    assert shop.ran(play).counts == {"delivered": 3}
    first = [(c.change, c.after["name"]) for c in shop.seen if c.after and c.key["id"] == 1]
    assert first == [("added", "a1"), ("changed", "a2"), ("changed", "a3")]


def test_one_bad_row_holds_up_nobody(duck: Shop) -> None:
    """Nor do very many: thousands that wait don't keep a new one from its turn."""

    def call(change: Change) -> None:
        if change.key["id"] < 6_000:
            raise Failed("bad row")
        duck.note(change)

    limits = {"rows": 10_000, "rate": 1000}
    play = duck.play(function=Function(call), limits=limits)
    duck.ran(play)
    deliver_module.BACKOFF = (3_600,)
    duck.do("INSERT INTO own.shops SELECT range, 'x', 1 FROM range(6001)")
    duck.ran(play, until=Until(seconds=0.5))
    duck.do("UPDATE stripe._stripe_deliveries SET next_at = found_at + INTERVAL 1 DAY "
            "WHERE CAST(row_key->>'id' AS INTEGER) < 6000")  # fmt: skip
    duck.ran(play)
    assert [change.key["id"] for change in duck.seen] == [6000]


def test_a_target_that_is_down_is_left_alone(duck: Shop, hook: Hook) -> None:
    """After five attempts in vain the run ends; what was not tried is as it was."""
    play = duck.play(webhook={"url": hook.url}, limits={"rate": 1000})
    other = duck.play(name="other")
    duck.run(play, other)
    hook.always(503)
    duck.do("INSERT INTO own.shops SELECT range, 'x', 1 FROM range(40)")
    down, fine = duck.run(play, other)
    assert down.closed == "HTTP 503"
    assert down.left == 40
    assert len(hook.got) < 20
    assert sum(each["attempts"] == 0 for each in duck.deliveries() if each["play"] == "shops") > 20
    assert (fine.counts, fine.closed) == ({"delivered": 40}, None)
    hook.always(200)
    assert duck.ran(play).left == 0
    assert len({got.id for got in hook.got}) == 40


def test_nobody_listens(duck: Shop) -> None:
    """A connection that is refused, and an answer that does not come in time, are one line each."""
    play = duck.play(webhook={"url": "http://127.0.0.1:9/"}, limits={"attempts": 1})
    assert three(duck, play).counts == {"dead": 3}
    assert {each["why"] for each in duck.deliveries()} == {"no connection: NewConnectionError"}


def test_an_answer_that_does_not_come(duck: Shop, hook: Hook) -> None:
    """It counts as a failure after the play's timeout."""
    hook.delay = 5
    play = duck.play(webhook={"url": hook.url, "timeout": 0.1}, limits={"attempts": 1})
    began = time.monotonic()
    assert three(duck, play).counts == {"dead": 3}
    assert time.monotonic() - began < 4
    assert {each["why"] for each in duck.deliveries()} == {"no answer in time"}


def test_an_address_that_wants_no_more(shop: Shop, hook: Hook) -> None:
    """410 pauses the play; what is found later, and what was left, comes when it goes on."""
    play = shop.play(webhook={"url": hook.url})
    hook.always(410)
    ran = three(shop, play)
    assert ran.paused == "HTTP 410: the address wants no more"
    hook.always(200)
    hook.got.clear()
    shop.do("INSERT INTO own.shops VALUES (4, 'Zoe', 40)")
    assert shop.ran(play).paused == "HTTP 410: the address wants no more"
    assert hook.got == []
    with opened(shop.pipeline) as scene:
        scene.ledger.resume("shops")
    assert shop.ran(play).counts == {"delivered": 4}


def test_an_address_that_wants_to_be_left_alone(duck: Shop, hook: Hook) -> None:
    """Retry-After is kept, and nothing more is sent by this run."""
    play = duck.play(webhook={"url": hook.url}, limits={"rate": 20})
    hook.always(429, retry_after="120")
    ran = three(duck, play)
    assert ran.closed == "HTTP 429"
    assert len(hook.got) < 3
    waits = [e["next_at"] - e["found_at"] for e in duck.deliveries() if e["attempts"]]
    assert all(100 < wait.total_seconds() < 130 for wait in waits)


def test_its_rate(duck: Shop) -> None:
    """No more deliveries a second than it says."""
    play = duck.play(limits={"rate": 40})
    duck.ran(play)
    duck.do("INSERT INTO own.shops SELECT range, 'x', 1 FROM range(30)")
    began = time.monotonic()
    assert duck.ran(play).counts == {"delivered": 30}
    assert time.monotonic() - began > 29 / 40


def test_a_deadline(duck: Shop) -> None:
    """What isn't sent by then is sent by the next run."""
    play = duck.play(limits={"rate": 20})
    duck.ran(play)
    duck.do("INSERT INTO own.shops SELECT range, 'x', 1 FROM range(100)")
    ran = duck.ran(play, until=Until(seconds=0.5))
    assert 0 < ran.left < 100
    assert ran.left + ran.counts["delivered"] == 100
    duck.ran(duck.play(limits={"rate": 1000}))
    assert sorted(change.key["id"] for change in duck.seen) == list(range(100))


def test_dead_letters_come_again(shop: Shop) -> None:
    """With the id that they had; how many later changes came meanwhile is known."""
    answer: dict[str, Any] = {"raise": Refused("no")}

    def call(change: Change) -> None:
        if answer["raise"]:
            raise answer["raise"]
        shop.note(change)

    play = shop.play(function=Function(call))
    three(shop, play)
    answer["raise"] = None
    shop.do("UPDATE own.shops SET name = 'X' WHERE id = 2")
    shop.ran(play)
    with opened(shop.pipeline) as scene:
        ids = scene.deliveries.undelivered("shops")
        assert [scene.deliveries.newer(each) for each in ids] == [0, 1, 0]
        scene.deliveries.replay(ids)
        assert scene.deliveries.undelivered("shops") == []
    assert shop.ran(play).counts == {"delivered": 3}
    assert [change.id for change in sorted(shop.seen[1:], key=lambda c: c.key["id"])] == ids


def test_no_secret_anywhere(duck: Shop, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the signing secret, nor a token, nor an address that is one, is in any table."""
    monkeypatch.setenv("HOOK_URL", f"{hook.url}/s3cret")
    monkeypatch.setenv("HOOK_TOKEN", "t0ken")
    hook.always(500)
    webhook = {
        "url": "${HOOK_URL}",
        "secret": "${HOOK_SECRET}",
        "headers": {"X-Key": "${HOOK_TOKEN}"},
    }
    play = duck.play(webhook=webhook, limits={"attempts": 2})
    ran = three(duck, play)
    assert hook.got[0].path == "/hook/s3cret"
    everything = repr((play, ran, duck.deliveries(), duck.ask("FROM stripe._stripe_plays")))
    for secret in ("s3cret", "t0ken", SECRET, SECRET.removeprefix("whsec_")):
        assert secret not in everything


def test_two_runners_at_once(shop: Shop, hook: Hook) -> None:
    """The second is told so; each change is delivered once."""
    hook.delay = 1
    play = shop.play(webhook={"url": hook.url})
    shop.ran(play)
    shop.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    first = threading.Thread(target=lambda: shop.ran(play))
    first.start()
    while not hook.got:
        time.sleep(0.01)
    with pytest.raises(Exception, match="being run by another process"):
        shop.ran(play)
    first.join()
    assert len(hook.got) == 1


def test_an_answer_that_tells_much(duck: Shop, hook: Hook) -> None:
    """Of what a refusal says the beginning is kept, on one line."""
    hook.always(422)
    hook.says = "no\nsuch \x1b[31m thing " * 1_000
    play = duck.play(webhook={"url": hook.url}, limits={"attempts": 1})
    three(duck, play)
    whys = {each["why"] for each in duck.deliveries()}
    assert len(whys) == 1
    (why,) = whys
    assert why.startswith("HTTP 422: no such [31m thing no such")
    assert len(why) < 300


@pytest.mark.parametrize("odd", ["a\x00b", "half \ud800", "line\nbreak\x1b[31m"])
def test_what_a_function_says_fits_every_database(shop: Shop, odd: str) -> None:
    """No text of a target's keeps what came of others from being noted."""

    def call(change: Change) -> str:
        if change.key["id"] == 1:
            raise ValueError(odd)
        return odd

    assert three(shop, shop.play(function=Function(call), limits={"attempts": 1})).counts == {
        "delivered": 2, "dead": 1,
    }  # fmt: skip
    said = [each["outcome"] or each["why"] for each in shop.deliveries()]
    assert all(text and text.isprintable() for text in said)


@pytest.mark.parametrize("end", [SystemExit(1), KeyboardInterrupt(), MemoryError()])
def test_a_function_that_ends_everything(duck: Shop, end: BaseException) -> None:
    """It ends its own attempt alone."""

    def call(_: Change) -> None:
        raise end

    other = duck.play(name="other")
    duck.run(duck.play(function=Function(call), limits={"attempts": 1}), other)
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10)")
    bad, good = duck.run(duck.play(function=Function(call), limits={"attempts": 1}), other)
    assert (bad.counts, good.counts) == ({"dead": 1}, {"delivered": 1})


def test_a_row_that_is_no_json(duck: Shop) -> None:
    """DuckDB writes NaN in a list as it is: that row is a dead letter, and others are delivered."""
    duck.do(
        "CREATE TABLE own.lists (id INTEGER, v DOUBLE[])",
    )
    play = duck.play(name="lists", model="own.lists", on=["added"])
    duck.run(play)
    duck.do("INSERT INTO own.lists VALUES (1, ['nan'::DOUBLE]), (2, [1.5])")
    ran = duck.ran(play)
    assert ran.counts == {"delivered": 1}
    assert [(each["status"], each["after"]) for each in duck.deliveries()] == [
        ("dead", '{"id":1,"v":[NaN]}'), ("delivered", {"id": 2, "v": [1.5]}),
    ]  # fmt: skip


def test_a_failure_to_note_ends_the_run_and_not_who_waits(duck: Shop) -> None:
    """The warehouse refuses in the middle: it is said, and the caller's own stop is untouched."""

    def call(change: Change) -> None:
        duck.note(change)

    play = duck.play(function=Function(call))
    duck.ran(play)
    duck.do(
        "INSERT INTO own.shops VALUES (1, 'Ada', 10)",
        "ALTER TABLE stripe._stripe_deliveries RENAME COLUMN outcome TO other",
    )
    until = Until()
    with pytest.raises(DestinationError):
        duck.ran(play, until=until)
    assert not until.stop.is_set()
    duck.do("ALTER TABLE stripe._stripe_deliveries RENAME COLUMN other TO outcome")
    assert duck.ran(play).counts == {"delivered": 1}
    assert len({change.id for change in duck.seen}) == 1


def test_what_hangs_does_not_hold_up_the_end(
    duck: Shop, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it is time, what is under way has a moment; then it is left, and sent again later."""
    monkeypatch.setattr(deliver_module, "GRACE", 0.3)
    hook.delay = 5
    play = duck.play(webhook={"url": hook.url})
    began = time.monotonic()
    ran = three(duck, play, until=Until(seconds=0.3))
    assert time.monotonic() - began < 4
    assert (ran.left, ran.ok) == (3, False)
    hook.delay = 0
    assert duck.ran(play).counts == {"delivered": 3}
    assert len({got.id for got in hook.got}) == 3


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("whsec_AAAA", "is no signing secret"),
        ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjSw", "is no signing secret"),
        ("whsec_é", "is no signing secret"),
    ],
)
def test_a_secret_that_is_none(
    duck: Shop, hook: Hook, monkeypatch: pytest.MonkeyPatch, secret: str, said: str
) -> None:
    """Said before anything is sent, without it."""
    monkeypatch.setenv("HOOK_SECRET", secret)
    ran = duck.ran(duck.play(webhook={"url": hook.url, "secret": "${HOOK_SECRET}"}))
    assert said in str(ran.failed)
    assert secret not in str(ran.failed)


@pytest.mark.parametrize("token", ["s3cret\ns3cret", "s3cret→"])
def test_a_header_that_is_none(
    duck: Shop, hook: Hook, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """The same for a secret that no header may have."""
    monkeypatch.setenv("HOOK_TOKEN", token)
    headers = {"Authorization": "Bearer ${HOOK_TOKEN}"}
    ran = duck.ran(duck.play(webhook={"url": hook.url, "headers": headers}))
    assert "the header 'Authorization'" in str(ran.failed)
    assert "s3cret" not in str(ran.failed)
