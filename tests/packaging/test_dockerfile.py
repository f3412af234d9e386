"""The Dockerfile says what it should. Its steps are carried out in ``test_installed``."""

from fnmatch import fnmatch

from tests.packaging.conftest import ROOT
from tests.packaging.dockerfile import TARGET, given, steps


def test_it_needs_nothing_but_python() -> None:
    """Python's own image, nothing of the system's packages, and no root when it runs."""
    assert {base.split()[0] for base in given("FROM")} == {"python:3.11-slim"}
    assert not any("apt" in command or "curl" in command for command in given("RUN"))
    assert given("USER") == ["stripe"]
    assert given("ENTRYPOINT") == ['["stripe-source"]']
    assert given("VOLUME") == given("WORKDIR")[-1:] == ["/data"]


def test_no_key_is_in_it() -> None:
    """Nothing that holds a key is copied, and none is asked for while it is built."""
    copied = {word for value in given("COPY") for word in value.split() if "--" not in word}
    assert copied == {"pyproject.toml", "README.md", "LICENSE", "stripe_source", "./", TARGET}
    assert not any("KEY" in value for name, value in steps() if name in ("ARG", "ENV", "RUN"))
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    assert "*" in ignored
    assert not any(fnmatch(".dlt", line[1:]) for line in ignored if line.startswith("!"))
