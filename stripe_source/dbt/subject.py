"""What is exported: which models and tables, for which of dbt's adapters, and from where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import dlt
import sqlglot
from dlt.common.normalizers.naming.snake_case import NamingConvention

from stripe_source.catalog import select
from stripe_source.dbt.names import DbtNames, plain_sql, without_tags
from stripe_source.dbt.profiles import Output, known_output, output_to_fill_in
from stripe_source.errors import UsageError
from stripe_source.models.library import Selection, models_of, select_models
from stripe_source.models.model import Model
from stripe_source.models.render import Loaded, render
from stripe_source.models.settings import ModelSettings, settings_from
from stripe_source.models.shelf import MODELS
from stripe_source.models.warehouse import TESTED, warehouse
from stripe_source.plays.declared import folder_from as plays_folder
from stripe_source.plays.declared import plays_in
from stripe_source.plays.play import Play
from stripe_source.tables.loads import LOADS

ADAPTERS = ("duckdb", "postgres", "snowflake", "bigquery", "redshift", "databricks", "clickhouse")
"""dbt's adapters, by the names that sqlglot has for their dialects, too."""


@dataclass(frozen=True)
class Subject:
    """What is exported. ``dataset`` is the schema of the loaded tables.

    ``output`` is the target of dbt's profile.
    """

    adapter: str
    dataset: str
    selection: Selection
    loaded: Loaded
    settings: ModelSettings
    output: Output
    plays: Sequence[Play] = field(default_factory=tuple)

    @property
    def names(self) -> DbtNames:
        """How queries name tables and models."""
        return DbtNames(self.adapter, self.dataset, schema_of(self.dataset))

    @cached_property
    def queries(self) -> dict[str, str]:
        """The query of each model that the adapter has SQL for, each behind those that it reads.

        Raises UsageError where a model can't be rendered.
        """
        found: dict[str, str] = {}
        for name, model in self.selection.models.items():
            query = render(model, self.names, self.settings, self.loaded)
            if model.models <= set(found) and self._can_say(query):
                found[name] = plain_sql(query)
        return found

    @property
    def models(self) -> dict[str, Model]:
        """The models that are exported."""
        return {name: self.selection.models[name] for name in self.queries}

    def _can_say(self, query: str) -> bool:
        """Whether the query came out as SQL: Redshift has no words for the items of a JSON list."""
        if self.adapter in TESTED:
            return True
        try:
            sqlglot.parse_one(without_tags(query), dialect=self.adapter)
        except sqlglot.errors.ParseError:
            return False
        return True


def schema_of(dataset: str) -> str:
    """The schema that dbt makes its views in: none that a sync deploys to."""
    return f"{dataset}_dbt"


def online(
    pipeline: dlt.Pipeline,
    settings: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
) -> Subject:
    """The models that a pipeline's destination can have, as a deployment would choose them.

    Raises UsageError for a destination that dbt has no adapter for that we know, and NoViews.
    """
    models = models_of(MODELS, folder)
    with warehouse(pipeline) as place:
        adapter, dataset, loaded = place.schemas.dialect, place.schemas.raw, place.loaded
        others = place.select(
            "SELECT 1 FROM information_schema.tables "
            f"WHERE table_schema = '{schema_of(dataset)}' AND table_name = '{LOADS}'"
        )
    if others:
        raise UsageError(f"{schema_of(dataset)}, dbt's schema, holds loaded tables: rename that")
    if adapter not in ADAPTERS:
        raise UsageError(
            f"models are exported for {', '.join(ADAPTERS)}; this destination speaks {adapter}"
        )
    config = pipeline.destination_client().config
    return Subject(
        adapter=adapter,
        dataset=dataset,
        selection=select_models(models, loaded.tables),
        loaded=loaded,
        settings=settings_from(settings),
        output=known_output(config, adapter, schema_of(dataset)),
        plays=_plays(),
    )


def offline(
    adapter: str,
    dataset: str,
    file: Path,
    settings: Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
) -> Subject:
    """All models, for an adapter, as if all were loaded that they read; nothing is asked.

    ``file`` is the DuckDB file, where that is the adapter.
    """
    loaded = Loaded(
        frozenset(table for row in select(["models"]) for table in (*row.tables, *row.histories))
    )
    schema = NamingConvention().normalize_table_identifier(dataset)
    return Subject(
        adapter=adapter,
        dataset=schema,
        selection=select_models(models_of(MODELS, folder), loaded.tables),
        loaded=loaded,
        settings=settings_from(settings),
        output=output_to_fill_in(adapter, schema_of(schema), file),
        plays=_plays(),
    )


def _plays() -> Sequence[Play]:
    return tuple(plays_in(plays_folder()).values())
