"""A warehouse as plays see it: whose it is, its models, and what plays have noted there."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dlt

from stripe_source.errors import UsageError
from stripe_source.extract.loaded import accounts_in
from stripe_source.extract.progress import is_incomplete
from stripe_source.models.library import library, reads
from stripe_source.models.model import RAW, Model
from stripe_source.models.settings import ModelSettings, folder_from, settings_from
from stripe_source.models.warehouse import Warehouse, warehouse
from stripe_source.plays.deliveries import Deliveries
from stripe_source.plays.detect import Detection
from stripe_source.plays.ledger import Ledger, Standing
from stripe_source.plays.play import Play
from stripe_source.plays.watched import Watched, watch


@dataclass(frozen=True)
class Scene:
    """A warehouse as plays see it."""

    place: Warehouse
    ledger: Ledger
    deliveries: Deliveries
    models: Mapping[str, Model]
    settings: ModelSettings
    accounts: list[str]
    livemode: bool
    incomplete: Sequence[str]

    def detection(self, play: Play) -> Detection:
        """Ready to look. Raises UsageError for what the play can't be run with."""
        return Detection(self.ledger, play, self.watched(play), self.standing(play))

    def standing(self, play: Play) -> Standing:
        """How a play stands."""
        return self.standings.get(play.name, Standing())

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        """How all plays stood when they were first asked for."""
        return self.ledger.standings()

    def watched(self, play: Play) -> Watched:
        """What it watches. Raises UsageError as ``watch``, and while tables are read in part."""
        found = watch(play, self.place, self.models, self.settings)
        for name in self._resources(play):
            if name in self.incomplete:
                raise UsageError(f"{name} are not wholly synced yet: sync first")
        return found

    def _resources(self, play: Play) -> Sequence[str]:
        """The resources that it reads; of a view that we don't know, all that are synced."""
        schema, _, name = play.model.rpartition(".")
        if schema == RAW:
            return reads({name})
        if not schema and name in self.models:
            return reads(_tables(self.models, name))
        return self.incomplete


def _tables(models: Mapping[str, Model], name: str) -> set[str]:
    """The tables that a model reads, itself or through others."""
    model = models[name]
    return set(model.tables | model.needs).union(*(_tables(models, each) for each in model.models))


@contextmanager
def opened(pipeline: dlt.Pipeline) -> Iterator[Scene]:
    """The warehouse of a pipeline. Raises UsageError where nothing is synced, or plays can't be."""
    source = _state_of(pipeline)
    if "account" not in source:  # on another machine than the sync's, maybe
        pipeline.sync_destination()
        source = _state_of(pipeline)
    if "account" not in source:
        raise UsageError("nothing is synced here: run 'stripe-source sync' first")
    states = source.get("resources", {})
    accounts = accounts_in(source)
    with warehouse(pipeline) as place:
        ledger = Ledger(place)
        yield Scene(
            place=place,
            ledger=ledger,
            deliveries=Deliveries(ledger),
            models=library(folder_from()),
            settings=settings_from(),
            accounts=accounts,
            livemode=source["account"]["livemode"],
            incomplete=[
                name
                for name, each in states.items()
                if any(is_incomplete(each.get(account, {})) for account in accounts)
            ],
        )


def _state_of(pipeline: dlt.Pipeline) -> dict[str, Any]:
    """What the source has noted."""
    state: dict[str, Any] = pipeline.state.get("sources", {}).get("stripe_source", {})
    return state
