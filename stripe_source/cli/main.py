"""The entry point: finds the command, and turns what goes wrong into one line and an exit code."""

import contextlib
import io
import logging
import os
import sys

import click

from stripe_source import __version__
from stripe_source.cli.actions import actions, verbs
from stripe_source.cli.check import check
from stripe_source.cli.console import err
from stripe_source.cli.dbt import dbt
from stripe_source.cli.demo import demo
from stripe_source.cli.mcp import mcp
from stripe_source.cli.models import models
from stripe_source.cli.plays import plays
from stripe_source.cli.query import query
from stripe_source.cli.report import report
from stripe_source.cli.simulator import simulator
from stripe_source.cli.status import status
from stripe_source.cli.sync import sync
from stripe_source.cli.verify import verify
from stripe_source.errors import StripeSourceError, causes_of

INTERRUPTED = 130  # the shell's code for Ctrl-C


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stripe-source")
@click.option("--debug", is_flag=True, help="Log every step, and show tracebacks.")
def cli(debug: bool) -> None:
    """Stripe into DuckDB or any dlt destination, and back: sync, ask, and act.

    The key comes from STRIPE_SECRET_KEY or STRIPE_API_KEY, or from dlt's configuration.

    \b
    Examples:
      stripe-source demo                         a made-up account, no key needed
      stripe-source check                        what may this key read?
      stripe-source sync                         the account into ./stripe_source.duckdb
      stripe-source status                       how far has it come?
      stripe-source verify                       is it as the account is?
      stripe-source query "FROM customers"       ask the result
      stripe-source models show mrr_monthly      the data models on top of it
      stripe-source report                       the business as a page of charts
      stripe-source dbt export stripe_dbt        the data models as a dbt project
      stripe-source plays add                    when a model changes, something happens
      stripe-source get customer cus_123         one object, as Stripe has it now
      stripe-source actions                      what can be done in Stripe

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 partly done, 4 key or permission,
    130 interrupted.
    """
    logging.basicConfig(format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("stripe_source").setLevel(logging.DEBUG if debug else logging.ERROR)
    # What dlt is told unless the user's environment says otherwise: no telemetry, and no second
    # copy of what was loaded, in the staging schema or in dlt's folder.
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    os.environ.setdefault("LOAD__TRUNCATE_STAGING_DATASET", "true")
    os.environ.setdefault("LOAD__DELETE_COMPLETED_JOBS", "true")
    os.environ.setdefault("RUNTIME__LOG_LEVEL", "INFO" if debug else "CRITICAL")


COMMANDS = (
    check,
    sync,
    status,
    verify,
    query,
    models,
    dbt,
    report,
    plays,
    *verbs(),
    actions,
    mcp,
    demo,
    simulator,
)
for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    """Run a command and exit with its code."""
    code = _code()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Not sys.exit: threads that wait for Stripe would hold the process up for as long as they wait.
    os._exit(code)


def _code() -> int:
    try:
        result = cli(standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except StripeSourceError as failure:
        err(str(failure))
        return failure.exit_code
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except SystemExit as stop:
        # At a closed pipe click wraps stdout and exits with 1. It is no error: whoever read our
        # output has read enough.
        if not isinstance(sys.stdout, io.TextIOBase):
            return 0
        return stop.code if isinstance(stop.code, int) else 1
    except Exception as failure:
        if "--debug" in sys.argv:
            raise
        return _code_of(failure)


def _code_of(failure: Exception) -> int:
    """Of what a destination or dlt raised: say what it means where that is known."""
    from stripe_source.trouble import raise_explained

    try:
        raise_explained(failure)
    except KeyboardInterrupt:  # a destination's driver may have wrapped it
        return _interrupted()
    except StripeSourceError as known:
        err(str(known))
        return known.exit_code
    except Exception as unknown:
        *_, cause = causes_of(unknown)
        line = " ".join(str(cause).split())[:300]
        err(f"{type(cause).__name__}: {line} (stripe-source --debug ... shows the traceback)")
        return StripeSourceError.exit_code


def _interrupted() -> int:
    err("interrupted; what was done stays, and a sync or a batch goes on from there")
    return INTERRUPTED
