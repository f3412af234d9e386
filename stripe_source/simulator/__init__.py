"""A local Stripe account over HTTP that behaves like the real one.

It imports nothing from the rest of the package: it is the independent check on it.
"""

from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.simulator import Simulator, serve

__all__ = ["Simulator", "SimulatorConfig", "serve"]
