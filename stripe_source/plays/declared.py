"""Finds the plays of a folder: each ``.toml`` file is one, each ``.py`` file may hold several."""

import importlib.util
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from stripe_source.errors import StripeSourceError, UsageError, did_you_mean
from stripe_source.plays.play import Play

FOLDER = Path("plays")
SECTION = "stripe_plays"


def folder_from(given: str | Path | None = None) -> Path | None:
    """The folder given, else configured, else ./plays where there is one.

    Raises UsageError for one that there is not.
    """
    import dlt

    named = given or dlt.config.get(f"{SECTION}.folder")
    folder = folder_for(given)
    if named is not None and not folder.is_dir():
        raise UsageError(f"there is no folder of plays at {folder}")
    return folder if folder.is_dir() else None


def folder_for(given: str | Path | None = None) -> Path:
    """The folder that new plays go to, whether or not it is there."""
    import dlt

    return Path(str(given or dlt.config.get(f"{SECTION}.folder") or FOLDER))


def plays_in(folder: Path | None) -> dict[str, Play]:
    """The plays of a folder by their names. Raises UsageError for one that is no good."""
    found: dict[str, Play] = {}
    for place, each in _all(folder) if folder else ():
        if each.name in found and found[each.name] is not each:
            raise UsageError(f"{place}: there is a play '{each.name}' already")
        found[each.name] = each
    return dict(sorted(found.items()))


def chosen(plays: dict[str, Play], names: tuple[str, ...]) -> dict[str, Play]:
    """The plays of these names, or all. Raises UsageError for a name that there is not."""
    for name in names:
        if name not in plays:
            raise UsageError(f"there is no play '{name}'{did_you_mean(name, plays)}")
    return {name: plays[name] for name in dict.fromkeys(names)} if names else plays


def _all(folder: Path) -> Iterator[tuple[Path, Play]]:
    for file in sorted(folder.iterdir()):
        if file.name.startswith((".", "_")) or not file.is_file():
            continue
        if file.suffix == ".toml":
            yield file, _of_file(file)
        elif file.suffix == ".py":
            yield from ((file, each) for each in _of_module(file))


def _of_file(file: Path) -> Play:
    try:
        given = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as failure:
        raise UsageError(f"{file}: {failure}") from None
    if "name" in given:
        raise UsageError(f"{file}: the file's name is the play's: it takes no 'name'")
    return Play.of(str(file), {"name": file.stem, **given})


def _of_module(file: Path) -> list[Play]:
    name = f"stripe_plays_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses and pickles look for it
    try:
        spec.loader.exec_module(module)
    except StripeSourceError as wrong:
        raise UsageError(f"{file}: {wrong}") from None
    except (Exception, SystemExit) as failure:
        line = " ".join(str(failure).split())
        raise UsageError(f"{file}: {type(failure).__name__}: {line}") from failure
    return [each for each in vars(module).values() if isinstance(each, Play)]
