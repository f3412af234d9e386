"""The account behind a key, also where the key may not read it."""

import pytest

from stripe_source.api.account import Account, read_account
from stripe_source.errors import AccessError
from stripe_source.simulator import Simulator
from tests.api.conftest import KEY, Connect, Scripted


def test_the_account_of_a_key(sim: Simulator, connect: Connect) -> None:
    """Id, mode and age are what Stripe says about the key's own account."""
    own = sim.account.find("account", sim.account.id)
    account = read_account(connect(sim), "acct_1Ignored")
    assert (account.id, account.livemode) == (sim.account.id, False)
    assert account.created == own["created"]


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ({"business_profile": {"name": "Rocket Rides"}}, "Rocket Rides"),
        ({"business_profile": {"name": None},
          "settings": {"dashboard": {"display_name": "Rockets"}}}, "Rockets"),
        ({"business_profile": None, "settings": None}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_the_name_of_an_account(
    script: Scripted, connect: Connect, profile: dict[str, object], name: str | None
) -> None:
    """The business's name, else the dashboard's, else none."""
    script.says(200, {"id": "acct_1Rocket", "object": "account"} | profile)
    assert read_account(connect(script)) == Account("acct_1Rocket", name, False, None)


@pytest.mark.parametrize(
    ("settings", "given", "expected"),
    [
        ({}, None, "self"),
        ({}, "acct_1A", "acct_1A"),
        ({"stripe_account": "acct_1B"}, "acct_1A", "acct_1B"),
    ],
)
def test_a_key_that_may_not_read_its_account(
    script: Scripted, connect: Connect, settings: dict[str, str], given: str, expected: str
) -> None:
    """The id is then the connected account's, else the one that the user gave, else ``self``."""
    script.says(403, {"error": {"message": "does not have the required permissions"}})
    client = connect(script, "rk_live_51Restricted", **settings)
    assert read_account(client, given) == Account(expected, None, True, None)


def test_a_key_that_stripe_refuses(script: Scripted, connect: Connect) -> None:
    """A 401 is no missing permission: the key is no good at all."""
    script.says(401, {"error": {"message": "Invalid API Key provided"}})
    with pytest.raises(AccessError, match="refuses the key"):
        read_account(connect(script, KEY), "acct_1A")
