"""What to install for what is not installed."""

from importlib.metadata import PackageNotFoundError, metadata

OWN = "stripe-source"


def to_install(extra: str) -> str:
    """The command that installs an extra: ours where we have it, which names dlt's, else dlt's."""
    package = OWN if extra in extras_of(OWN) else "dlt"
    return f"pip install '{package}[{extra}]'"


def extras_of(package: str) -> frozenset[str]:
    """The extras of an installed package; none where it runs without being installed."""
    try:
        return frozenset(metadata(package).get_all("Provides-Extra") or ())
    except PackageNotFoundError:
        return frozenset()
