"""Which endpoint a request is for, with the ids left out: what limits and statistics go by."""

from __future__ import annotations

from stripe_source.simulator.api.messages import Request
from stripe_source.simulator.api.registry import Registry
from stripe_source.simulator.api.routes import route


def endpoint_of(registry: Registry, request: Request) -> tuple[str, str]:
    """``/v1/invoices/{id}/pay`` and ``invoice``: the endpoint and the object behind it.

    An unknown path stands for itself.
    """
    path = request.path
    listed = registry.resources.get(path)
    if listed is not None:
        return path, listed.noun
    if request.method != "GET":
        written = registry.operation(request.method, path)
        if written is not None:
            operation = written[0]
            named = ("{id}" if each == "{}" else each for each in operation.segments)
            return "/".join(named), operation.permission
    found = route(registry, path)
    if found is None:
        return path, path.rpartition("/")[2]
    if found.searched:
        return path, found.resource.noun
    return found.resource.path + ("/{id}" if found.identifier else ""), found.resource.noun


def object_written(request: Request, endpoint: str) -> str | None:
    """The path of the one object that a write is about: ``/v1/invoices/in_1`` of its ``/pay``."""
    if request.method == "GET" or "{" not in endpoint:
        return None
    return "/".join(request.path.split("/")[:4])
