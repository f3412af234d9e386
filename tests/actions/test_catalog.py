"""An action is one file, and all that there is to it follows from that."""

import inspect
import shlex

import click
import pytest

from stripe_source.actions.registry import action, actions, names
from stripe_source.cli.actions import command
from stripe_source.errors import UsageError

EVERY = [
    "cancel subscription",
    "delete customers",
    "get customer",
    "get invoice",
    "get product",
    "get subscription",
    "insert customer",
    "search customers",
    "search invoices",
    "search products",
    "search subscriptions",
    "update customers",
    "upsert customers",
]


def test_the_actions() -> None:
    """These are all."""
    assert list(actions()) == EVERY == list(names())


@pytest.mark.parametrize("name", EVERY)
def test_a_file_names_its_action(name: str) -> None:
    """Its class is called as the file, says what it does, and shows how it is called."""
    found = action(name)
    assert found.name() == name
    assert found.title() == name.capitalize()
    assert found.description().endswith(".")
    assert found.examples
    described = found.described()
    assert described["writes"] != name.startswith(("search", "get"))
    assert set(described["fields"]["properties"]) == set(found.model_fields)


@pytest.mark.parametrize("name", EVERY)
def test_the_signature_is_the_description(name: str) -> None:
    """The fields are the arguments in Python, by name and with their defaults."""
    found = action(name)
    signature = inspect.signature(found)
    assert set(signature.parameters) == set(found.model_fields)
    for name_, field in found.model_fields.items():
        absent = signature.parameters[name_].default is inspect.Parameter.empty
        assert absent == field.is_required()


@pytest.mark.parametrize("name", EVERY)
def test_the_command_has_every_field(name: str) -> None:
    """Each field is an argument or an option, and each example can be parsed."""
    found = action(name)
    made = command(found)
    options = {option.name for option in made.params}
    special = {"matching_property": "match", "matching_value": "match", "mappings": "set_"}
    special |= {"filter": "where"}
    assert {special.get(field, field) for field in found.model_fields} <= options
    for example in found.examples:
        assert made.make_context(name, shlex.split(example))
    assert all(option.help for option in made.params if isinstance(option, click.Option))


def test_an_action_that_there_is_not() -> None:
    """The nearest one is named."""
    with pytest.raises(UsageError, match="no action 'upsert customer'; did you mean 'upsert"):
        action("upsert_customer")
