"""``verify``: whether the tables are as the account is, row by row."""

from typing import TYPE_CHECKING, Any

import click

from stripe_source.cli.check import configured, configured_accounts, hash_secret
from stripe_source.cli.console import document, err, note, some, table
from stripe_source.cli.options import (
    accounts_option,
    as_json,
    destination_options,
    names_given,
    place,
    progress_style,
)
from stripe_source.cli.progress import Reading, showing
from stripe_source.errors import UsageError

if TYPE_CHECKING:
    from stripe_source.verify import TableCheck, Verification

KINDS = ("missing", "stale", "gone", "repeated")
EXAMPLES = 3  # of each table
COLUMNS = 5  # named of a stale row


@click.command()
@click.option(
    "--resources",
    "-r",
    multiple=True,
    metavar="NAME,NAME",
    help="Which objects, by table name; by default all that have been synced.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    metavar="N",
    help="Read the newest page of each list, and N objects of each table.  [default: 200]",
)
@click.option("--full", is_flag=True, help="Read everything, as the first sync did.")
@click.option("--stripe-account", metavar="ID", help="A connected account to read.")
@accounts_option
@destination_options
@progress_style
@as_json
def verify(
    resources: tuple[str, ...],
    sample: int | None,
    full: bool,
    stripe_account: str | None,
    accounts: str | None,
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    progress: str,
    as_json: bool,
) -> int:
    """Compare the tables with the account, and print what differs; nothing is written.

    Rows are missing, stale (other values), gone (deleted in Stripe) or repeated (one key twice).
    What has changed since the last sync differs too: sync first. Exits with 1 if anything differs.

    \b
    Examples:
      stripe-source verify
      stripe-source verify --resources invoices,customers --full
      stripe-source verify --sample 1000 --json
    """
    if full and sample is not None:
        raise UsageError("--full and --sample exclude each other")
    names = names_given("--resources", " ".join(resources)) if resources else None
    settings = configured() | ({"stripe_account": stripe_account} if stripe_account else {})
    where = place(destination, dataset, pipeline_name)

    from stripe_source.accounts import members_of, wanted_accounts
    from stripe_source.report import Report
    from stripe_source.status import restored
    from stripe_source.verify import SAMPLE, Wanted
    from stripe_source.verify import verify as compare

    most = None if full else SAMPLE if sample is None else sample
    whose = wanted_accounts(accounts or configured_accounts(), settings.pop("account_id", None))
    wanted = Wanted(names, most, hash_secret())
    report = Report()
    try:
        members = members_of(report, whose, settings.pop("stripe_secret_key", None), **settings)
        with (
            restored(where.target, where.dataset, where.pipeline_name) as (pipeline, source),
            showing(progress, Reading(report)),
        ):
            found = compare(pipeline, source, members, wanted, report)
    finally:
        report.close()
    if as_json:
        document(_plain(found))
    else:
        _show(found)
    for name, outcome in sorted(found.outcomes.items()):
        if outcome != "not enabled":
            err(f"{name} can't be compared: {found.skipped[name]}")
    return found.exit_code


def _show(found: "Verification") -> None:
    """Counts to stdout, then examples; what they mean beside it."""
    names = ["table", "rows compared", *KINDS, "not synced yet"]
    table(names, [[t.name, *(f"{n:,}" for n in _counts(t).values())] for t in found.tables])
    examples = [[t.name, *row] for t in found.tables for row in _examples(t)]
    if examples:
        click.echo()
        table(["table", "key", "difference", "columns"], examples)
    if found.pending:
        note(f"a sync has still to read some of: {', '.join(found.pending)}")
    compared = sum(t.compared for t in found.tables)
    which = "" if found.sample is None else ", the newest and a sample (--full for all)"
    note(
        f"{compared:,} rows compared{which}, {found.differences:,} differ; "
        f"{found.requests:,} requests"
    )
    if found.accounts_left:
        note(f"in the dataset, and not compared: {some(found.accounts_left)} (--accounts)")
    if found.differences and found.days >= 30:
        note(f"the last sync of some objects was {found.days} days ago: 'stripe-source sync' first")
    elif found.differences:
        note(
            "'not synced yet' are those of them that events tell of: 'stripe-source sync' brings "
            "these. Columns that change without an event (DECISIONS.md) are brought by "
            "'stripe-source sync --reconcile'"
        )


def _counts(checked: "TableCheck") -> dict[str, int]:
    kinds = {kind: checked.count(kind) for kind in KINDS}
    return {"compared": checked.compared, **kinds, "unsynced": checked.unsynced}


def _examples(checked: "TableCheck") -> list[list[str]]:
    rows = checked.differences.slice(0, EXAMPLES).to_pylist()
    shown = [[row["key"], row["difference"], some(row["columns"], COLUMNS)] for row in rows]
    more = checked.differences.num_rows - EXAMPLES
    return [*shown, [f"and {more:,} more", "", ""]] if more > 0 else shown


def _plain(found: "Verification") -> dict[str, Any]:
    """The result as JSON, with every row that differs."""
    return {
        "accounts": found.accounts,
        "accounts_left": found.accounts_left,
        "tables": {
            t.name: {**_counts(t), "differences": t.differences.to_pylist()} for t in found.tables
        },
        "skipped": found.skipped,
        "outcomes": found.outcomes,
        "pending": found.pending,
        "differences": found.differences,
        "requests": found.requests,
        "exit_code": found.exit_code,
    }
