"""Secrets by reference, ``${NAME}``: in the environment, or in dlt's secrets."""

import os
import re
from collections.abc import Mapping

from stripe_source.errors import UsageError

REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")


def is_reference(text: str) -> bool:
    """Whether a text is nothing but a reference."""
    return REFERENCE.fullmatch(text) is not None


def resolved(text: str) -> str:
    """A text with the secrets in place of their names. Raises UsageError for one there is not."""
    return REFERENCE.sub(lambda found: _secret(found[1]), text)


def resolved_all(texts: Mapping[str, str]) -> dict[str, str]:
    """The same for each value."""
    return {name: resolved(text) for name, text in texts.items()}


def _secret(name: str) -> str:
    import dlt

    found = os.environ.get(name) or dlt.secrets.get(name)
    if not found:
        raise UsageError(f"there is no {name} in the environment, nor in dlt's secrets.toml")
    return str(found).strip()
