"""One process at a time: for a pipeline's name, or a batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from stripe_source.errors import UsageError


@contextmanager
def alone(lock_file: Path, otherwise: str) -> Iterator[None]:
    """Hold a lock file while the block runs.

    Raises UsageError where another process, or another thread, holds it; ``otherwise`` is its line.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file, blocking=False)
    try:
        held = lock.acquire()
    except Timeout:
        raise UsageError(otherwise) from None
    with held:
        yield


@contextmanager
def alone_in_pipeline(folder: Path, name: str) -> Iterator[None]:
    """Hold a pipeline's name: two in one working folder would mix their packages.

    ``folder`` is where dlt keeps its pipelines.
    """
    otherwise = (
        f"another sync of the pipeline '{name}' is running; wait for it, "
        "or give this one another pipeline name"
    )
    with alone(folder / f"{name}.lock", otherwise):
        yield
