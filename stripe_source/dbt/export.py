"""Writes the project: checks what is there, writes what differs, removes what is gone."""

import os
from dataclasses import dataclass
from pathlib import Path

from stripe_source.dbt.exposures import exposures_file
from stripe_source.dbt.models import model_files
from stripe_source.dbt.profiles import missing_from, profiles_file, told
from stripe_source.dbt.project import IGNORED, project_file, readme
from stripe_source.dbt.rules import generic_tests
from stripe_source.dbt.sources import sources_file
from stripe_source.dbt.subject import Subject
from stripe_source.dbt.writing import check, marked, remove_others, write

PROFILES = "profiles.yml"
PROJECT_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class Export:
    """What an export did: the models, and paths in the project.

    ``kept`` are files of the user's that were there, and ``unlike`` says what one of them lacks of
    what was exported. ``left_out`` has, for models that the warehouse can't have, the table that is
    not loaded, and ``missing`` the resources to load; ``unwritten`` are models that the adapter's
    SQL has no words for, and those that read them.
    """

    folder: str
    adapter: str
    models: list[str]
    written: list[str]
    removed: list[str]
    kept: list[str]
    unlike: str | None
    left_out: dict[str, str]
    missing: list[str]
    unwritten: list[str]


def export(subject: Subject, folder: Path) -> Export:
    """Write the project, or bring it up to date. What is written is written whole or not at all.

    Raises UsageError, before anything is written, for what is in the way and for a model that is no
    good, and StripeSourceError where the folder can't be written.
    """
    generated = {path: marked(path, text) for path, text in _generated(subject).items()}
    once = {
        PROJECT_FILE: project_file(subject),
        PROFILES: profiles_file(subject.output),
        ".gitignore": IGNORED,
    }
    check(folder, generated, once, subject.models)
    kept = [path for path in once if os.path.lexists(folder / path)]
    written = write(folder, generated, once)
    return Export(
        folder=str(folder),
        adapter=subject.adapter,
        models=list(subject.models),
        written=written,
        removed=remove_others(folder, generated),
        kept=kept,
        unlike=_unlike(folder, kept, subject),
        left_out=subject.selection.left_out,
        missing=subject.selection.missing,
        unwritten=sorted(set(subject.selection.models) - set(subject.models)),
    )


def _generated(subject: Subject) -> dict[str, str]:
    """Our files by their paths, each behind those that it names."""
    return {
        **{f"tests/generic/{name}": text for name, text in generic_tests().items()},
        "models/sources.yml": sources_file(subject),
        **dict(model_files(subject)),
        "models/exposures.yml": exposures_file(subject),
        "README.md": readme(subject),
    }


def _unlike(folder: Path, kept: list[str], subject: Subject) -> str | None:
    """What a file that was kept lacks, in words."""
    wanted = {PROJECT_FILE: [subject.dataset], PROFILES: told(subject.output)}
    for path in (path for path in wanted if path in kept and (folder / path).is_file()):
        text = (folder / path).read_text("utf-8", errors="replace")
        if (lacking := missing_from(text, wanted[path])) is not None:
            return f"{path} has no '{lacking}'"
    return None
