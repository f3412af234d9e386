"""The API key: its shape is checked before anything is sent, and it is never shown."""

import pytest

from stripe_source.api.client import Client, Connection
from stripe_source.api.key import parse_key
from stripe_source.errors import AccessError

SECRET = "51OpenSesameOpenSesame"


@pytest.mark.parametrize("text", [None, "", "  ", "\n"])
def test_a_missing_key_says_where_to_set_it(text: str | None) -> None:
    """Without a key the message names the variable and the file to put it in."""
    with pytest.raises(AccessError, match=r"no Stripe key: set STRIPE_SECRET_KEY.*secrets\.toml"):
        parse_key(text)


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_publishable_key_is_named_as_such(mode: str) -> None:
    """A publishable key, which can't read, gets a message of its own that leaves the key out."""
    with pytest.raises(AccessError, match="publishable key") as refusal:
        parse_key(f"pk_{mode}_{SECRET}")
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"sk_prod_{SECRET}",
        f"whsec_{SECRET}",
        f"SK_TEST_{SECRET}",
        f"sk_test_{SECRET} more",
        f"sk_test_{SECRET}\r\nX-Header: 1",
        f"Bearer sk_test_{SECRET}",
        f'"sk_test_{SECRET}"',
        f"sk_test_{SECRET}é",
        "sk_test_",
        "sk_test_abc",
    ],
)
def test_a_malformed_key_is_refused_unseen(text: str) -> None:
    """What can't be a key is refused in one line that does not repeat it."""
    with pytest.raises(AccessError, match="malformed") as refusal:
        parse_key(text)
    assert SECRET not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("prefix", "kind", "livemode"),
    [
        ("sk_live_", "secret", True),
        ("sk_test_", "secret", False),
        ("rk_live_", "restricted", True),
        ("rk_test_", "restricted", False),
    ],
)
def test_a_good_key_tells_its_kind_and_mode(prefix: str, kind: str, livemode: bool) -> None:
    """Kind and mode follow from the prefix alone, and blanks around a key don't count."""
    key = parse_key(f" {prefix}{SECRET}_live_test_\n")
    assert key.secret == f"{prefix}{SECRET}_live_test_"
    assert (key.kind, key.livemode) == (kind, livemode)


def test_nothing_that_holds_the_key_shows_it() -> None:
    """Both repr and str of the key, the connection and the client leave the secret out."""
    connection = Connection(parse_key(f"sk_test_{SECRET}"))
    client = Client(connection)
    client.close()
    for thing in (connection.key, connection, client, client.limiter, client.traffic):
        assert SECRET not in f"{thing!r} {thing!s} {[thing]}"


def test_redact_masks_every_occurrence() -> None:
    """A text that quotes the key comes out with the mask that Stripe's messages use."""
    key = parse_key(f"rk_live_{SECRET}")
    quoted = f"{key.secret} and 'Bearer {key.secret}'"
    assert key.redact(quoted) == "rk_live_****same and 'Bearer rk_live_****same'"
    assert key.redact("nothing of it") == "nothing of it"


def test_the_mask_of_a_short_key_is_not_the_key() -> None:
    """Even the shortest key that is accepted is not given away by its mask."""
    for length in range(4, 12):
        body = "aZ3456789012"[:length]
        try:
            key = parse_key(f"sk_test_{body}")
        except AccessError:
            continue
        assert body not in key.masked
        assert body not in key.redact(f"key {key.secret}")
