"""A dataset belongs to an account, or to several that were named: no other's rows get into it."""

import dlt

from stripe_source.errors import OtherAccount
from stripe_source.extract.loaded import accounts_in
from stripe_source.extract.progress import State
from stripe_source.reading.reading import Reading


def check_account(reading: Reading) -> None:
    """Note whose rows the dataset gets.

    Raises OtherAccount for one that it does not hold yet, unless accounts were named, and for rows
    of the other mode.
    """
    account, shared = reading.account, dlt.current.source_state()
    whose = {"account": account.id, "livemode": account.livemode}
    with reading.sync.lock:
        known: State = shared.setdefault("account", whose)
        new = account.id not in accounts_in(shared)
        if known["livemode"] != account.livemode or (new and not reading.settings.several):
            raise OtherAccount(
                f"this dataset holds {_whose(known)}, the key belongs to {_whose(whose)}: "
                "give the pipeline another name (--pipeline-name, another file) or the dataset "
                "(--dataset), or name the accounts that it is to hold (--accounts)"
            )
        if new:
            shared["others"] = sorted([*shared.get("others", []), account.id])


def _whose(account: State) -> str:
    return f"{'live' if account['livemode'] else 'test'} data of account {account['account']}"
