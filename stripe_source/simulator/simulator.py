"""The simulator as tests and the CLI use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from stripe_source.simulator.api.answer import Api
from stripe_source.simulator.api.keys import Key, Keys
from stripe_source.simulator.business import fill_account, mutate
from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.server.faults import Faults
from stripe_source.simulator.server.served import serve_account
from stripe_source.simulator.server.stats import Stats
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

if TYPE_CHECKING:
    from stripe_source.simulator.server.running import BackgroundServer

LOOPBACK = "127.0.0.1"


class Simulator:
    """A local Stripe account; as a context manager it serves in a background thread.

    ``account`` holds the objects, ``accounts`` it and those connected to it by id, ``keys`` the API
    keys, ``faults`` the scripted faults, ``stats`` the counters, and ``disabled`` the path prefixes
    of features that are not enabled.
    """

    def __init__(
        self, config: SimulatorConfig | None = None, *, host: str = LOOPBACK, port: int = 0
    ) -> None:
        self.config = config or SimulatorConfig()
        self.account = Account(self.config)
        self.accounts = {self.account.id: self.account}
        self.keys = Keys()
        self.api_key = f"sk_{'live' if self.config.livemode else 'test'}_simulator0001"
        self.keys.add(self.api_key)
        self.faults = Faults(self.config.seed)
        self.disabled: set[str] = set(self.config.disabled)
        self.host, self.port = host, port
        self._server: BackgroundServer | None = None
        fill_account(self.account)
        self._connect()
        self.served = {id_: serve_account(each, self.config) for id_, each in self.accounts.items()}

    @property
    def url(self) -> str:
        """Where it listens, once started."""
        return f"http://{self.host}:{self.port}"

    @property
    def stats(self) -> Stats:
        """The counters of the platform's account; ``served`` has those of the others."""
        return self.served[self.account.id].stats

    def add_key(
        self, text: str, permissions: set[str] | None = None, account: str | None = None
    ) -> Key:
        """Let a key in, of a connected ``account``, too; with ``permissions`` a restricted one."""
        return self.keys.add(text, permissions, account)

    def revoke_key(self, text: str) -> None:
        """From now on the key gets a 401."""
        self.keys.by_text[text].revoked = True

    def expire_key(self, text: str) -> None:
        """From now on the key gets a 401 with ``api_key_expired``."""
        self.keys.by_text[text].expired = True

    def advance(self, seconds: int) -> int:
        """Move the time of all accounts on; what falls due happens. Returns the platform's time."""
        for account in self.accounts.values():
            account.advance(seconds)
        return self.account.clock.now

    def mutate(self, count: int, account: Account | None = None) -> None:
        """Let so many things happen in an account, by default the platform's."""
        mutate(account or self.account, count)

    def app(self) -> Any:
        """The ASGI application. Imports the server's libraries."""
        from stripe_source.simulator.server.app import StripeApp
        from stripe_source.simulator.server.control import control_app

        api = Api(self.accounts, self.keys, self.disabled)
        return StripeApp(api, self.served, self.faults, control_app(self), self.mutate)

    async def live(self) -> None:
        """What happens while it serves."""
        from stripe_source.simulator.server.live import keep_changing

        await keep_changing(self.mutate, self.config)

    def start(self) -> Simulator:
        """Serve in a background thread."""
        from stripe_source.simulator.server.running import BackgroundServer, listen

        bound = listen(self.host, self.port)
        self.port = bound.getsockname()[1]
        self._server = BackgroundServer(self.app(), self.live, bound)
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop serving; the account stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _connect(self) -> None:
        """Make the connected accounts; the platform then lists them and no made-up ones."""
        if not self.config.connected:
            return
        for obj in self.account.objects("/v1/accounts"):
            if obj["id"] != self.account.id:
                self.account.delete("/v1/accounts", obj["id"], event=False)
        for number in range(1, self.config.connected + 1):
            config = self.config.of_connected(number)
            account = self.accounts[config.account_id] = Account(config, config.account_id)
            fill_account(account)
            for own in account.objects("/v1/accounts"):
                if own["id"] == account.id:
                    self.account.insert("/v1/accounts", own, event=False)


def serve(
    config: SimulatorConfig | None = None,
    host: str = LOOPBACK,
    port: int = 12111,
    ready: Callable[[Simulator], None] = lambda simulator: None,
    faults: Iterable[Json] = (),
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM. Prints nothing.

    ``ready`` is called when the port is taken, so that port 0 can be told. Raises OSError where the
    port is in use.
    """
    from stripe_source.simulator.server.running import listen, make_server

    sim = Simulator(config, host=host, port=port)
    sim.faults.extend(faults)
    bound = listen(host, port)
    sim.port = bound.getsockname()[1]
    try:
        ready(sim)
        make_server(sim.app(), sim.live).run([bound])
    finally:
        bound.close()
