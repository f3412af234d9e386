"""Finds the objects that a request names, or answers that there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe_source.simulator.api.errors import ApiError, resource_missing
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.store.account import Account


def existing(account: Account, name: str, identifier: str, *, param: str = "id") -> Json:
    """The object of the request's own path; a 404 where there is none or it was deleted."""
    found = account.find(name, identifier)
    if found is None:
        raise resource_missing(name, identifier, param=param)
    return found


def referenced(account: Account, name: str, identifier: str, param: str) -> Json:
    """An object that a parameter names; a 400 where there is none or it was deleted."""
    found = account.find(name, identifier)
    if found is None:
        raise resource_missing(name, identifier, param=param, status=400)
    return found


def tax_rates_exist(account: Account, given: Json, name: str) -> None:
    """The tax rates that a parameter lists are all there."""
    for number, rate in enumerate(given.get(name) or []):
        referenced(account, "tax_rate", rate, f"{name}[{number}]")


def must_be_free(account: Account, name: str, identifier: str) -> None:
    """An id of the client's own choice must not be another object's."""
    if account.find(name, identifier) is not None:
        noun = name.replace("_", " ").capitalize()
        raise ApiError(400, f"{noun} already exists.", code="resource_already_exists", param="id")


def at_least_one(amount: int, param: str = "amount") -> None:
    """A payment, a refund or a payout moves something."""
    if amount < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.",
                       code="parameter_invalid_integer", param=param)  # fmt: skip


def exclusive(given: Json, *names: str) -> None:
    """At most one of these parameters."""
    if len([name for name in names if given.get(name) is not None]) > 1:
        raise ApiError(
            400,
            f"You may only specify one of these parameters: {', '.join(names)}.",
            code="parameters_exclusive",
            param=names[0],
        )
