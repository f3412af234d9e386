"""Starts syncs as processes of their own, and kills them in a chosen phase of their work."""

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Literal

from stripe_source.simulator import Simulator

Phase = Literal["extract", "normalise", "load", "merge"]
PLACES: dict[Phase, str] = {
    "extract": "normalize/*/*/new_jobs",  # a package that is being filled
    "normalise": "normalize/extracted/*/new_jobs",
    "load": "load/normalized/*/started_jobs/*",
    "merge": "load/normalized/*/completed_jobs/*.sql",
}
"""Where in dlt's working folder a phase shows; ``merge`` is the load when part of it is done."""
PHASES: list[Phase] = list(PLACES)
LONGEST = {"extract": 0.4, "normalise": 0.06, "load": 0.3, "merge": 0.15}  # seconds, about
SCRIPT = Path(__file__).with_name("syncing.py")


@dataclass(frozen=True)
class Moment:
    """A moment to kill at: some seconds into a phase of the so-manieth package."""

    phase: Phase
    package: int
    later: float

    @classmethod
    def drawn(cls, chance: random.Random, phase: Phase, packages: tuple[int, int]) -> "Moment":
        """A random moment of a phase, in one of these packages."""
        return cls(phase, chance.randint(*packages), chance.uniform(0, LONGEST[phase]))


def killed(
    simulator: Simulator, folder: Path, moment: Moment, chunk_rows: int, *names: str
) -> bool:
    """Run a sync and kill it at a moment; False where it was done before that.

    ``folder`` is where dlt works for it.
    """
    left = _packages(folder, moment.phase)
    with _started(simulator, chunk_rows, *names) as process:
        seen: set[str] = set()
        while process.poll() is None:
            seen |= _packages(folder, moment.phase) - left
            if len(seen) >= moment.package:
                time.sleep(moment.later)
                break
            time.sleep(0.001)
        done = process.poll()
        process.kill()
    assert done in (None, 0), f"the sync failed by itself: {moment}"
    return done is None


def _started(simulator: Simulator, chunk_rows: int, *names: str) -> subprocess.Popen[bytes]:
    access = (simulator.api_key, simulator.url)
    command = [sys.executable, str(SCRIPT), *access, str(chunk_rows), *names]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def _packages(folder: Path, phase: Phase) -> set[str]:
    """The packages that are in a phase, or were when their process was killed."""
    # Not Path.glob, which fails where a folder goes while it looks.
    found = [place.split("/") for place in glob(PLACES[phase], root_dir=folder)]
    return {parts[2] for parts in found if phase != "extract" or parts[1] != "extracted"}
