"""uvicorn's HTTP protocol with the connection in reach, for faults that break it."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class SimulatorProtocol(HttpToolsProtocol):
    """Each request's scope carries its transport under ``extensions``."""

    def on_message_begin(self) -> None:
        """Called by the parser before each request of a connection."""
        super().on_message_begin()
        extensions: dict[str, Any] = {"simulator.transport": self.transport}
        self.scope["extensions"] = extensions
