"""``check``: what the key is and what it may read, before anything is synced."""

from typing import Any

import click

from stripe_source.cli.console import document, note, table
from stripe_source.cli.options import as_json, named, resource_options


@click.command()
@resource_options
@click.option("--stripe-account", metavar="ID", help="A connected account to act for.")
@as_json
def check(
    resources: tuple[str, ...], everything: bool, stripe_account: str | None, as_json: bool
) -> int:
    """Show the key's kind, account and mode, and which objects it may read.

    \b
    Examples:
      stripe-source check
      stripe-source check --all
      stripe-source check --resources invoices,charges --json
    """
    names = named(resources, everything)
    from stripe_source.api.account import read_account
    from stripe_source.connect import client_for, selection

    settings = configured() | ({"stripe_account": stripe_account} if stripe_account else {})
    account_id = settings.pop("account_id", None)
    client = client_for(**settings)
    account = read_account(client, account_id)
    rows = selection(names)
    futures = [client.threads.submit(_probe, client, row) for row in rows]
    found = [future.result() for future in futures]
    key = client.connection.key
    mode = "live" if account.livemode else "test"
    if as_json:
        about = {"id": account.id, "name": account.name, "mode": mode, "key": key.kind}
        document({"account": about, "api_base": client.api_base, "resources": found})
    else:
        name = f" ({account.name})" if account.name else ""
        note(f"{key.kind} key {key.masked}, {mode} mode, account {account.id}{name}")
        table(
            ["resource", "status", "detail"],
            [[item["resource"], item["status"], item["detail"]] for item in found],
        )
    statuses = [item["status"] for item in found]
    if "failed" in statuses:
        return 1
    denied = statuses.count("denied")
    return 0 if not denied else 3 if denied < len(found) else 4


def configured() -> dict[str, Any]:
    """The source's settings for the connection, as dlt's configuration has them."""
    import dlt

    section = "sources.stripe_source"
    names = ("api_base", "stripe_account", "account_id")
    found: dict[str, Any] = {name: dlt.config.get(f"{section}.{name}") for name in names}
    for name in ("requests_per_second", "endpoint_requests_per_second"):
        found[name] = dlt.config.get(f"{section}.{name}", float)
    found["stripe_secret_key"] = dlt.secrets.get(f"{section}.stripe_secret_key")
    return {name: value for name, value in found.items() if value is not None}


def configured_accounts() -> Any:
    """Which accounts a sync reads, as dlt's configuration has it: a text, a list or None."""
    import dlt

    return dlt.config.get("sources.stripe_source.accounts")


def hash_secret() -> str | None:
    """The secret of the source's ``hash_columns``, as dlt's configuration has it."""
    import dlt

    found: str | None = dlt.secrets.get("sources.stripe_source.hash_secret")
    return found


def _probe(client: Any, row: Any) -> dict[str, str]:
    """Ask for one row of a list, as a sync would for a hundred."""
    from stripe_source.errors import (
        AccessError,
        NotEnabled,
        PermissionDenied,
        StripeSourceError,
    )
    from stripe_source.extract.fetch import read_answer

    try:
        client.get(row.path, row.query(limit=1), read_answer(row))
    except PermissionDenied as denied:
        return {"resource": row.name, "status": "denied", "detail": str(denied)}
    except AccessError:
        raise  # of the key itself, and so of every resource
    except NotEnabled as missing_feature:
        detail = str(missing_feature)
        return {"resource": row.name, "status": "not enabled", "detail": detail}
    except StripeSourceError as failure:
        return {"resource": row.name, "status": "failed", "detail": str(failure)}
    return {"resource": row.name, "status": "ok", "detail": ""}
