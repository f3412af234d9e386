"""``docs/commands.md``: every command with its options, as click has them."""

import inspect
from collections.abc import Iterator

import click

from stripe_source.cli.main import cli
from tests.readme.markdown import code, page, plain, rows

INTRODUCTION = """\
`stripe-source COMMAND --help` says the same on the terminal. Results go to stdout, all else to
stderr."""


def commands_page() -> str:
    """All of them."""
    root = click.Context(cli, info_name="stripe-source")
    found = list(_walk(root))
    lines = [
        [f"[{_name(ctx)}](#{_name(ctx).replace(' ', '-')})", plain(_short(ctx.command))]
        for ctx in found[1:]
    ]
    overview = rows(["command", "what it does"], lines)
    return page("Commands", INTRODUCTION, _described(root), overview, *map(_section, found[1:]))


def _walk(ctx: click.Context) -> Iterator[click.Context]:
    """A command and all below it."""
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            command = ctx.command.get_command(ctx, name)
            assert command is not None
            yield from _walk(click.Context(command, info_name=name, parent=ctx))


def _name(ctx: click.Context) -> str:
    return ctx.command_path.removeprefix("stripe-source ")


def _short(command: click.Command) -> str:
    return command.short_help or command.get_short_help_str(limit=1000)


def _section(ctx: click.Context) -> str:
    return f"## {_name(ctx)}\n\n{_described(ctx)}"


def _described(ctx: click.Context) -> str:
    usage = " ".join(ctx.command.get_usage(ctx).removeprefix("Usage:").split())
    text, examples = _help(ctx.command)
    options = [_option(option, ctx) for option in ctx.command.params]
    below = isinstance(ctx.command, click.Group) and ctx.parent is not None
    parts = [
        f"```text\n{usage}\n```",
        *text,
        f"```sh\n{examples}\n```" if examples else "",
        rows(["option", "what it is"], filter(None, options)),
        f"Commands: {_links(ctx)}." if below else "",
    ]
    return "\n\n".join(filter(None, parts))


def _help(command: click.Command) -> tuple[list[str], str]:
    """The paragraphs of a command's help, and its examples."""
    paragraphs, examples = [], ""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        lines = paragraph.strip("\b\n").splitlines()
        if lines and lines[0].strip() == "Examples:":
            examples = inspect.cleandoc("\n".join(["", *lines[1:]]))
        elif paragraph.startswith("\b"):
            paragraphs.append("```text\n" + "\n".join(lines) + "\n```")
        else:
            paragraphs.append(plain(paragraph))
    return paragraphs, examples


def _option(option: click.Parameter, ctx: click.Context) -> list[str] | None:
    if isinstance(option, click.Argument):
        return [f"`{option.make_metavar(ctx)}`", "needed" if option.required else ""]
    assert isinstance(option, click.Option)
    record = option.get_help_record(ctx)
    if record is None:
        return None
    names, text = record
    return [code([names]).replace("|", "\\|"), plain(text)]


def _links(ctx: click.Context) -> str:
    assert isinstance(ctx.command, click.Group)
    names = [f"{_name(ctx)} {name}" for name in ctx.command.list_commands(ctx)]
    return ", ".join(f"[{name}](#{name.replace(' ', '-')})" for name in names)
