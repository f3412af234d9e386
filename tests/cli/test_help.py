"""Every command explains itself, with examples that work, and at once."""

import shlex

import click
import pytest

from stripe_source.cli.main import cli
from stripe_source.settings import VERSION
from tests.cli.conftest import Terminal

COMMANDS = ["", *cli.commands]


def examples(text: str) -> list[str]:
    """The commands under ``Examples:``, lines that go on joined."""
    block = text.partition("Examples:")[2].replace("\\\n", " ").partition("\n\n")[0]
    lines = [line.partition("   ")[0] for line in map(str.strip, block.splitlines())]
    return [line[line.index("stripe-source") :] for line in lines if "stripe-source" in line]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(terminal: Terminal, command: str) -> None:
    """Each command's help goes to stdout, with what it does and how to call it."""
    ran = terminal.run(*command.split(), "--help" if command else "-h")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: stripe-source {command}".strip())
    assert examples(ran.out)


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_are_calls_that_work(command: str) -> None:
    """What the help shows can be typed: the command is there, and so are its options."""
    shown = cli.commands[command] if command else cli
    found = examples(shown.get_help(click.Context(shown, terminal_width=1000)))
    assert found
    for line in found:
        _, name, *rest = shlex.split(line)
        assert not command or name == command
        cli.commands[name].make_context(name, list(rest))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained(command: str) -> None:
    """No option is a bare name: each says what it is for."""
    shown = cli.commands[command] if command else cli
    options = [option for option in shown.params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_help_names_commands_and_exit_codes(terminal: Terminal) -> None:
    """The first help that a user sees lists all commands and what exit codes mean."""
    words = terminal.run("--help").out.split()
    assert set(cli.commands) <= set(words)
    assert {"0", "1", "2", "3", "4"} <= set(words)


def test_version(terminal: Terminal) -> None:
    """The version is the package's."""
    ran = terminal.run("--version")
    assert (ran.code, ran.out) == (0, f"stripe-source, version {VERSION}\n")
