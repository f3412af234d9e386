"""The pipeline that the options of a command name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stripe_source.cli.options import place

if TYPE_CHECKING:
    import dlt


@contextmanager
def opened(
    destination: str | None,
    dataset: str | None,
    pipeline_name: str | None,
    *,
    writing: bool = False,
) -> "Iterator[dlt.Pipeline]":
    """It, as the destination has it; for reading alone unless it is to be written.

    Raises UsageError where nothing is synced.
    """
    from stripe_source.status import restored

    where = place(destination, dataset, pipeline_name)
    with restored(where.target, where.dataset, where.pipeline_name, writing=writing) as (
        pipeline,
        _,
    ):
        yield pipeline
