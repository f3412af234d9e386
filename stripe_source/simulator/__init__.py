"""A local Stripe account over HTTP that behaves like the real one.

It imports nothing from the rest of the package: it is the independent check on it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripe_source.simulator.config import SimulatorConfig as SimulatorConfig
    from stripe_source.simulator.simulator import Simulator as Simulator
    from stripe_source.simulator.simulator import serve as serve

# Public names and their homes, imported on first use: pytest loads the plugin in this package
# wherever it is installed.
_HOMES = {
    "Simulator": "stripe_source.simulator.simulator",
    "SimulatorConfig": "stripe_source.simulator.config",
    "serve": "stripe_source.simulator.simulator",
}
__all__ = ["Simulator", "SimulatorConfig", "serve"]


def __getattr__(name: str) -> Any:
    """The public name, from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
