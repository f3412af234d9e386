"""Plays as files and as decorated functions: what is good, and what is said of what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_source.errors import UsageError
from stripe_source.plays import plays_in
from stripe_source.plays.declared import folder_from
from stripe_source.plays.templates import FOLDER, templates
from tests.plays.conftest import Shop

GOOD = 'model = "customers"\non = "added"\n'
HOOK = '[webhook]\nurl = "https://example.com/hook"\n'


def test_a_file_is_a_play(tmp_path: Path) -> None:
    """All that one may say, in TOML."""
    (tmp_path / "vip.toml").write_text(
        'description = "A big one"\nmodel = "customer_overview"\non = ["added", "changed"]\n'
        'where = "mrr_converted > 1000"\ncolumns = ["status"]\nkey = ["customer_id"]\n'
        'allow_live = true\n[limits]\nrows = 5\nrate = 0.5\nattempts = 3\n'
        '[action]\nname = "update customers"\n[action.fields]\nmatching_property = "id"\n'
        'matching_value = "{customer_id}"\nmappings = { "metadata.vip" = "yes" }\n'
    )  # fmt: skip
    (play,) = plays_in(tmp_path).values()
    assert (play.name, play.model, play.on) == ("vip", "customer_overview", ("added", "changed"))
    assert (play.limits.rows, play.limits.rate, play.limits.attempts) == (5, 0.5, 3)
    assert (play.columns, play.key, play.allow_live) == (("status",), ("customer_id",), True)
    assert play.target.shown == "update customers"


def test_a_function_is_a_play(duck: Shop, tmp_path: Path) -> None:
    """A module may hold several; they are called with each change."""
    (tmp_path / "mine.py").write_text(
        "from pathlib import Path\n"
        "from stripe_source.plays import Change, play\n\n"
        "OUT = Path(__file__).with_name('out.txt')\n\n"
        "@play(model='own.shops', key='id', on='added', where='revenue > 5')\n"
        "def big(change: Change) -> str:\n"
        "    '''A big shop.'''\n"
        "    OUT.write_text(f'{change.change} {change.row[\"name\"]} {change.key}')\n"
        "    return 'told'\n\n"
        "@play(model='own.shops', key='id', on=['removed'], name='gone')\n"
        "def _(change): ...\n"
    )
    plays = plays_in(tmp_path)
    assert (list(plays), plays["big"].description) == (["big", "gone"], "A big shop.")
    duck.run(*plays.values())
    duck.do("INSERT INTO own.shops VALUES (1, 'Ada', 10), (2, 'Bob', 1)")
    assert [ran.counts for ran in duck.run(*plays.values())] == [{"delivered": 1}, {}]
    assert (tmp_path / "out.txt").read_text() == "added Ada {'id': 1}"
    assert [each["outcome"] for each in duck.deliveries()] == ["told"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'model' is missing"),
        (GOOD, "it has one target: [webhook] or [action]"),
        (GOOD + HOOK + '[action]\nname = "insert customer"\n', "it has one target"),
        (GOOD.replace("added", "add") + HOOK, "on.0: Input should be 'added', 'changed' or"),
        ('model = "customers"\non = []\n' + HOOK, "on: "),
        (GOOD + "modle = 1\n" + HOOK, "there is no 'modle'; did you mean 'model'?"),
        (GOOD + HOOK + 'sekret = "x"\n', "there is no 'webhook.sekret'; did you mean 'secret'?"),
        (GOOD + HOOK + "[limits]\nrow = 1\n", "there is no 'limits.row'; did you mean 'rows'?"),
        (GOOD + HOOK + "[limits]\nrows = 0\n", "limits.rows: "),
        (GOOD + 'name = "x"\n' + HOOK, "the file's name is the play's"),
        (GOOD + 'columns = "name"\n' + HOOK, "on has no 'changed'"),
        (GOOD + "model = 5\n", "Cannot overwrite a value"),
        ("model = ", "Invalid value"),
        (GOOD.replace("customers", "a; DROP TABLE b") + HOOK, "model: "),
        (GOOD + '[webhook]\nurl = "http://example.com"\n', "must be https, except on this machine"),
        (GOOD + '[webhook]\nurl = "http://127.0.0.1.evil.com/"\n', "must be https, except on"),
        (GOOD + '[webhook]\nurl = "ftp://example.com"\n', "is no web address"),
        (GOOD + '[webhook]\nurl = "https://u:p4ss@example.com"\n', "it holds a user"),
        (GOOD + '[webhook]\nurl = "https://{name}/"\n', "it is the same for all rows"),
        (GOOD + HOOK + 'secret = "whsec_abc"\n', "a secret is told by its name"),
        (GOOD + HOOK + 'headers = { Authorization = "Bearer abc" }\n', "told by the name of a"),
        (GOOD + HOOK + 'headers = { Webhook-Id = "1" }\n', "is set by us"),
        (GOOD + HOOK + 'headers = { "X-A" = "a\\r\\nX-B: 1" }\n', "has a letter or a line break"),
        (GOOD + HOOK + "timeout = 1000\n", "webhook.timeout: "),
        (GOOD + 'allow_live = "yes"\n' + HOOK, "allow_live: "),
        (GOOD + HOOK + '[limits]\nrows = "5"\n', "limits.rows: "),
        (GOOD + '[webhook]\nurl = "http://evil.example[::1]/"\n', "is no web address"),
        (GOOD + HOOK + 'headers = { Host = "a" }\n', "is set by us"),
        ("a = " + "[" * 3000 + "]" * 3000, "recursion"),
    ],
)
def test_what_is_no_play(tmp_path: Path, text: str, said: str) -> None:
    """One line with the file and what is wrong, which never repeats what may be a secret."""
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(UsageError) as failure:
        plays_in(tmp_path)
    line = str(failure.value)
    assert said in line
    assert "bad.toml" in line
    assert "\n" not in line
    assert not {"p4ss", "whsec_abc", "Bearer abc"} & set(line.replace('"', " ").split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def (", "SyntaxError"),
        ("import sys; sys.exit(0)", "SystemExit: 0"),
        ("from stripe_source.plays import play\n@play(model='x', on='added')\n"
         "async def a(c): ...\n", "a is no plain function"),
        ("from stripe_source.plays import play\n@play(model='x', on='added')\n"
         "def a(): ...\n", "a takes one argument, the change"),
        ("from stripe_source.plays import play\n@play(model='x', on='added', wher='y')\n"
         "def a(c): ...\n", "there is no 'wher'; did you mean 'where'?"),
    ],
)  # fmt: skip
def test_a_module_that_is_no_good(tmp_path: Path, text: str, said: str) -> None:
    """Whatever it raises is one line, with the file."""
    (tmp_path / "bad.py").write_text(text)
    with pytest.raises(UsageError, match=r"bad\.py") as failure:
        plays_in(tmp_path)
    assert said in str(failure.value)


def test_two_of_a_name(tmp_path: Path) -> None:
    """A name is a play's own; a file with capitals is told so."""
    (tmp_path / "a.toml").write_text(GOOD + HOOK)
    (tmp_path / "b.py").write_text(
        "from stripe_source.plays import play\n@play(model='x', on='added')\ndef a(c): ...\n"
    )
    with pytest.raises(UsageError, match="there is a play 'a' already"):
        plays_in(tmp_path)
    (tmp_path / "b.py").unlink()
    (tmp_path / "a.toml").rename(tmp_path / "A b.toml")
    with pytest.raises(UsageError, match="small letters"):
        plays_in(tmp_path)


def test_where_plays_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In ./plays, if there is one, else where the configuration or the call says."""
    assert folder_from() is None
    Path("plays").mkdir()
    assert folder_from() == Path("plays")
    monkeypatch.setenv("STRIPE_PLAYS__FOLDER", str(tmp_path))
    assert folder_from() == tmp_path
    with pytest.raises(UsageError, match="there is no folder of plays"):
        folder_from("nowhere")


def test_templates() -> None:
    """Six, each with a description, and a comment that begins its file."""
    found = templates()
    assert set(found) == {
        "customer_created", "invoice_overdue", "mrr_dropped",
        "subscription_canceled", "subscription_past_due", "trial_ending",
    }  # fmt: skip
    assert all(play.description for play in found.values())
    assert all(file.read_text().startswith("# ") for file in FOLDER.glob("*.toml"))
