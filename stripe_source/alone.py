"""One at a time: a sync of a pipeline, or an erasure in its dataset."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from stripe_source.errors import UsageError


@contextmanager
def alone(folder: Path, pipeline_name: str) -> Iterator[None]:
    """Hold a pipeline's name while the block runs: two in one working folder would mix packages.

    ``folder`` is where dlt keeps its pipelines. Raises UsageError where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{pipeline_name}.lock", blocking=False)
    try:
        held = lock.acquire()
    except Timeout:
        raise UsageError(
            f"another sync of the pipeline '{pipeline_name}' is running; wait for it, "
            "or give this one another pipeline name"
        ) from None
    with held:
        yield
