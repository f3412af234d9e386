"""What a sync did, and the exit code that says so."""

from dataclasses import dataclass, field

from dlt.common.pipeline import LoadInfo

from stripe_source.api.traffic import Traffic
from stripe_source.models import Deployment
from stripe_source.report import Outcome, Speed
from stripe_source.tables.compare import Drift


@dataclass(frozen=True)
class SyncResult:
    """What a sync did.

    ``rows`` are the rows read for each table, ``skipped`` the resources that were left out and why,
    ``outcomes`` how, of those that were ``selected``, ``misfits`` the values that did not fit their
    column, ``runs`` what dlt says of each load. ``accounts`` are those that were read; of several,
    a resource is named with its account (``acct_1/customers``), and an account by itself where all
    of it was left out. ``left`` are resources that were synced before, and are not selected,
    ``accounts_left`` accounts that the dataset holds and that were not asked for.
    ``relisted`` has why resources were listed whole and compared, out of turn, and ``drift`` how
    many rows of each of their tables were missing, stale or gone, all zero too. ``models`` is the
    deployment of the data models; ``models_failed`` says why there is none though there could be,
    ``models_left`` why this destination can't have them. ``fivetran`` is the deployment of the
    views in Fivetran's shape.
    """

    rows: dict[str, int]
    skipped: dict[str, str]
    outcomes: dict[str, Outcome]
    misfits: dict[str, int]
    traffic: Traffic
    seconds: float
    speed: Speed
    accounts: list[str] = field(default_factory=list)
    runs: list[LoadInfo] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    accounts_left: list[str] = field(default_factory=list)
    relisted: dict[str, str] = field(default_factory=dict)
    drift: dict[str, Drift] = field(default_factory=dict)
    models: Deployment | None = None
    models_failed: str | None = None
    models_left: str | None = None
    fivetran: Deployment | None = None

    @property
    def exit_code(self) -> int:
        """0 done, 1 where something failed, 3 where the key may not read some, 4 where none."""
        outcomes = set(self.outcomes.values())
        if "failed" in outcomes or self.models_failed:
            return 1
        if "denied" in outcomes:
            return 3 if self._names() - set(self.outcomes) else 4
        return 0

    def _names(self) -> set[str]:
        """What was to be read, as it is named in ``outcomes``."""
        if len(self.accounts) == 1:
            return set(self.selected)
        return {f"{account}/{name}" for account in self.accounts for name in self.selected}
