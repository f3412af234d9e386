"""Writes the files of a project: each whole or not at all, and none that is somebody else's.

What is generated has a first line that says so and where it is: only a file with the line of its
own place is replaced or removed, so that a copy under another name is the user's.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from stripe_source.errors import StripeSourceError, UsageError

MARKER = "Written by stripe-source dbt export; changes are lost at the next one"
COMMENTS = {".sql": "{{# {} #}}", ".yml": "# {}", ".md": "<!-- {} -->"}
"""How a line is no content, by the ending of the file. Jinja's is not in what dbt sends."""
GENERATED = ("models", "tests/generic")
"""The folders in which files of ours may be left over."""


def marked(path: str, text: str) -> str:
    """The text behind the line that says whose the file at ``path`` in the project is."""
    return f"{_first_line(path)}\n\n{text.strip()}\n"


def check(
    folder: Path, generated: Collection[str], once: Collection[str], models: Collection[str]
) -> None:
    """Raise UsageError, in one line, for what is in the way; nothing is written before.

    ``generated`` are the paths of our files, ``once`` of those that are the user's, ``models`` the
    names of models, which dbt wants once.
    """
    with _explained(folder):
        for path in once:
            if (folder / path).is_dir():
                raise UsageError(f"{folder / path} is a folder, and is to be a file")
        for path in ("", *generated):
            file = folder / path
            for above in [file, *file.parents] if not path else file.parents:
                if above.exists() and not above.is_dir():
                    raise UsageError(f"{above} is a file, and is to be a folder")
            if path and file.exists() and not _is_ours(folder, file):
                raise UsageError(
                    f"{file} is not of a 'dbt export': move it, or export into another folder"
                )
        for file in sorted((folder / "models").rglob("*.sql")):
            if file.stem in models and not _is_ours(folder, file):
                raise UsageError(
                    f"{file} has the name of one of the models, and dbt wants each name once"
                )


def write(folder: Path, generated: Mapping[str, str], once: Mapping[str, str]) -> list[str]:
    """Write what differs, in this order, and of ``once`` what is not there; returns what is new.

    Raises StripeSourceError where the folder can't be written.
    """
    written = []
    for path, text in {**once, **generated}.items():
        file, content = folder / path, text.encode()
        with _explained(file):
            if path in once and os.path.lexists(file):  # a link that leads nowhere is theirs, too
                continue
            if file.exists() and file.read_bytes() == content:
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            _replace(file, content)
        written.append(path)
    return written


def remove_others(folder: Path, generated: Collection[str]) -> list[str]:
    """Remove the files of ours that are not ``generated`` any more, and folders that are empty."""
    removed = []
    for place in GENERATED:
        for file in sorted((folder / place).rglob("*.*")):
            path = file.relative_to(folder).as_posix()
            if path in generated:
                continue
            with _explained(file):
                if not _is_ours(folder, file):
                    continue
                file.unlink(missing_ok=True)
            with suppress(OSError):  # it is not empty
                file.parent.rmdir()
            removed.append(path)
    return removed


def _is_ours(folder: Path, file: Path) -> bool:
    """Whether a file is at the place that its first line names."""
    if file.suffix not in COMMENTS or not file.is_file():
        return False
    first = _first_line(file.relative_to(folder).as_posix())
    with file.open("rb") as opened:
        return opened.readline(len(first) * 4 + 2).rstrip() == first.encode()


def _first_line(path: str) -> str:
    return COMMENTS[Path(path).suffix].format(f"{MARKER}: {path}")


def _replace(file: Path, content: bytes) -> None:
    """Write beside it and rename, so that a kill leaves the old file or the new one."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    """Say in one line what the file system refuses."""
    try:
        yield
    except OSError as failure:
        raise StripeSourceError(f"can't write {place}: {failure.strerror}") from None
