"""The write side: what can be done in Stripe, one file of ``catalog`` per action.

from stripe_source.actions import UpsertCustomers, connect

with connect() as session:  # the key is the environment's
    ada = UpsertCustomers(
        matching_property="email", matching_value="ada@example.com", mappings={"name": "Ada"}
    )
    (outcome,) = ada.run(session)
    print(outcome.outcome, outcome.id, outcome.changes)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripe_source.actions.action import Action as Action
    from stripe_source.actions.batch import Log as Log
    from stripe_source.actions.batch import Plan as Plan
    from stripe_source.actions.batch import Records as Records
    from stripe_source.actions.batch import read_rows as read_rows
    from stripe_source.actions.batch import run_batch as run_batch
    from stripe_source.actions.dataset import Dataset as Dataset
    from stripe_source.actions.outcome import Outcome as Outcome
    from stripe_source.actions.registry import action as action
    from stripe_source.actions.registry import actions as actions
    from stripe_source.actions.session import Session as Session
    from stripe_source.actions.session import connect as connect

# Imported on first use: the commands list the actions without the SDK.
_HOMES = {
    "Action": "action",
    "Dataset": "dataset",
    "Log": "batch",
    "Outcome": "outcome",
    "Plan": "batch",
    "Records": "batch",
    "Session": "session",
    "action": "registry",
    "actions": "registry",
    "connect": "session",
    "read_rows": "batch",
    "run_batch": "batch",
}


def __getattr__(name: str) -> Any:
    """A public name, or the class of an action: ``UpsertCustomers``."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    from stripe_source.actions.registry import actions as every

    classes = {each.__name__: each for each in every().values()} if name[:1].isupper() else {}
    if name not in classes:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return classes[name]


def __dir__() -> list[str]:
    from stripe_source.actions.registry import actions as every

    return sorted([*_HOMES, *(each.__name__ for each in every().values())])
