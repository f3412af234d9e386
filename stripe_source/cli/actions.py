"""``actions``, and a command for each of them: ``search``, ``get``, ``upsert`` and so on.

All of it follows from the actions themselves; here is only what they have in common.
"""

from typing import TYPE_CHECKING, Any

import click

from stripe_source.actions.registry import names
from stripe_source.cli.acting import acting
from stripe_source.cli.acting import stripe_account as stripe_account_option
from stripe_source.cli.batch import batch_options, carry_out, eraser, planned, taken
from stripe_source.cli.console import document, table
from stripe_source.cli.fields import filled, parameters
from stripe_source.cli.options import as_json as as_json_option
from stripe_source.cli.options import place
from stripe_source.cli.outcomes import show_done, show_found

if TYPE_CHECKING:
    from stripe_source.actions.action import Action


@click.command()
@as_json_option
def actions(as_json: bool) -> None:
    """Show what can be done in Stripe; as JSON with the schema of each action's fields.

    \b
    Examples:
      stripe-source actions
      stripe-source actions --json
    """
    from stripe_source.actions.registry import actions as every

    if as_json:
        document([each.described() for each in every().values()])
        return
    rows = [
        [name, ", ".join(each.model_fields), each.description()] for name, each in every().items()
    ]
    table(["action", "fields", "what it does"], rows)


class Verb(click.Group):
    """The actions that begin with a verb, each made when it is asked for."""

    def list_commands(self, _: click.Context) -> list[str]:
        """What the verb is for: customers, invoices ..."""
        return nouns(str(self.name))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it is for, with an example of each."""
        super().format_help_text(ctx, formatter)
        formatter.write("\n  Examples:\n")
        for noun in nouns(str(self.name)):
            example = self._action(noun).examples[0]
            formatter.write(f"    stripe-source {self.name} {noun} {example}\n")

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        """The command of an action; one or several of a thing may be meant by either."""
        known = nouns(str(self.name))
        cmd_name = next((n for n in (cmd_name, f"{cmd_name}s", cmd_name[:-1]) if n in known), "")
        return command(self._action(cmd_name)) if cmd_name else None

    def _action(self, noun: str) -> "type[Action]":
        from stripe_source.actions.registry import action

        return action(f"{self.name} {noun.replace('-', ' ')}")


def verbs() -> list[Verb]:
    """A group of commands for each verb."""
    found = []
    for name in dict.fromkeys(name.split()[0] for name in names()):
        *others, last = nouns(name)
        things = f"{', '.join(others)} or {last}" if others else last
        text = f"{name.capitalize()} {things} in Stripe."
        found.append(Verb(name, help=text, no_args_is_help=True))
    return found


def nouns(verb: str) -> list[str]:
    """What a verb is for."""
    parted = [name.partition(" ") for name in names()]
    return [noun.replace(" ", "-") for each, _, noun in parted if each == verb]


def command(action: "type[Action]") -> click.Command:
    """The command of an action: its fields, and how to do it and show it."""

    def run(**given: Any) -> int:
        return perform(action, **given)

    return click.Command(
        _noun(action),
        callback=run,
        params=[*parameters(action), *_common(action)],
        help=f"{action.description()}\n\n\b\nExamples:\n{_examples(action)}",
        short_help=action.description(),
    )


def perform(
    action: "type[Action]",
    *,
    stripe_account: str | None,
    as_json: bool,
    dry_run: bool = False,
    live: bool = False,
    yes: bool = False,
    **given: Any,
) -> int:
    """Do it, once or for each row of a source, and show what it found or did."""
    source, where = taken(given) if action.writes else (None, None)
    plan = None if source is None else planned(action, source, given)
    wanted = None if plan is not None else action.of(filled(action, given))
    with acting(stripe_account, asks=True, dry_run=dry_run, live=live, yes=yes) as session:
        if source is not None and plan is not None:
            return carry_out(session, plan, source, as_json=as_json)
        if where is not None and given.get("erase"):
            session.eraser = eraser(session.client, place(*where))
        assert wanted is not None  # noqa: S101 - it is one or the other
        done = wanted.run(session)
    if not action.writes:
        show_found(action, done, limit=getattr(wanted, "limit", None), as_json=as_json)
        return 0
    show_done(done, as_json=as_json)
    failed = sum(each.outcome in ("failed", "unknown") for each in done)
    return 0 if not failed else 3 if failed < len(done) else 1


def _common(action: "type[Action]") -> list[click.Parameter]:
    """The options that all actions have, and those of the ones that write."""

    @stripe_account_option
    @as_json_option
    def reads() -> None:
        """Never called: it holds the options."""

    @click.command()
    @click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
    @click.option("--live", is_flag=True, help="Write to a live account without being asked.")
    @click.option("--yes", "-y", is_flag=True, help="Delete or cancel several without being asked.")
    def writes() -> None:
        """Never called: it holds the options."""

    own = [*writes.params, *batch_options()] if action.writes else []
    return [*own, *click.command()(reads).params]


def _examples(action: "type[Action]") -> str:
    verb = action.name().partition(" ")[0]
    return "\n".join(f"  stripe-source {verb} {_noun(action)} {each}" for each in action.examples)


def _noun(action: "type[Action]") -> str:
    return action.name().partition(" ")[2].replace(" ", "-")
