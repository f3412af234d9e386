"""``plays``: what starts when a model changes; one file for what is declared, run and delivered."""

import click

from stripe_source.cli.plays.declared import add, show_list, test
from stripe_source.cli.plays.delivered import log, pause, replay
from stripe_source.cli.plays.running import run


@click.group()
def plays() -> None:
    """Plays: when a row of a model is added, changed or removed, an action or a webhook starts.

    A play is a file in ./plays: which model, which changes, and where they go. They are run by
    'plays run' after a sync, or by 'sync --watch'.

    \b
    Examples:
      stripe-source plays add invoice_overdue
      stripe-source plays list
      stripe-source plays test
      stripe-source plays run
      stripe-source plays log --status dead
      stripe-source plays replay invoice_overdue
      stripe-source plays pause invoice_overdue
    """


for command in (add, show_list, test, run, log, replay, pause):
    plays.add_command(command)
