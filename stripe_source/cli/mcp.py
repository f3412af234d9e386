"""``mcp``: the actions as tools for agents."""

import click

from stripe_source.cli.acting import acting
from stripe_source.cli.acting import stripe_account as stripe_account_option
from stripe_source.cli.console import note
from stripe_source.errors import UsageError


@click.command()
@click.option("--allow-writes", is_flag=True, help="Offer the actions that write, too.")
@click.option("--live", is_flag=True, help="Let them write to a live account.")
@click.option("--dry-run", is_flag=True, help="Say what they would change, and change nothing.")
@stripe_account_option
def mcp(allow_writes: bool, live: bool, dry_run: bool, stripe_account: str | None) -> None:
    """Serve the actions to an agent over MCP, on standard input and output.

    It reads alone, unless writes are allowed; then an object is named by its id, and there are no
    writes for all that match. Needs the extra: pip install 'stripe-source[mcp]'.

    \b
    Examples:
      claude mcp add stripe -- stripe-source mcp
      stripe-source mcp --allow-writes --dry-run
    """
    try:
        from stripe_source.actions.server import serve
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"the package '{missing.name}' is missing: pip install 'stripe-source[mcp]'"
        ) from None
    if live and not allow_writes:
        raise UsageError("--live is of writes: with --allow-writes")
    with acting(stripe_account, asks=False, dry_run=dry_run, live=live) as session:
        mode = "live" if session.livemode else "test"
        what = "reads and writes" if allow_writes else "reads"
        what += " (dry run: nothing is written)" if dry_run else ""
        note(f"MCP server on standard input and output: {what}, {mode} mode; Ctrl-C ends it")
        serve(session, writes=allow_writes)
