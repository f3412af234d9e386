"""An independent check: the official SDK's same requests to the simulator and to localstripe.

localstripe (https://github.com/adrienverge/localstripe) is a stand-in for Stripe by others. It is
at a much older API version and does less; what both do, they have to do alike, but for what
``data/localstripe_differences.toml`` lists with a reason.
"""

from __future__ import annotations

import pytest

from .independent import script, servers
from .independent.comparison import Comparison, Difference
from .independent.listed import keys, listed
from .independent.recording import Answer

Answers = dict[str, Answer]


@pytest.fixture(scope="module")
def both() -> tuple[Answers, Answers]:
    """The simulator's answers and localstripe's."""
    with servers.simulator() as ours, servers.localstripe() as theirs:
        return script.answers(ours), script.answers(theirs)


@pytest.fixture(scope="module")
def differences(both: tuple[Answers, Answers]) -> list[Difference]:
    """All that differs, step by step."""
    return list(Comparison().steps(*both))


def test_they_differ_only_where_listed(differences: list[Difference]) -> None:
    """Every status, error and field of some 240 answers is the same, or there is a reason."""
    known = listed()
    unlisted = {each for each in differences if not keys([each]) <= known}
    assert not unlisted, "\n".join(sorted(map(str, unlisted)))


def test_what_is_listed_differs(differences: list[Difference]) -> None:
    """A reason that is not needed any more is taken out of the list."""
    gone = listed() - keys(differences)
    assert not gone, "\n".join(sorted(map(str, gone)))


def test_the_script_does_what_it_says(both: tuple[Answers, Answers]) -> None:
    """Most steps succeed on both servers, every one is answered, and none breaks them."""
    ours, theirs = both
    done = [step for step in ours if ours[step].status == theirs[step].status == 200]
    assert len(ours) > 200
    assert len(done) > 150
    statuses = {each.status for each in [*ours.values(), *theirs.values()]}
    assert min(statuses) == 200
    assert max(statuses) < 500
