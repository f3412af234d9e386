"""The templates: plays that work as they are, to be copied and changed."""

from pathlib import Path

from stripe_source.errors import UsageError, did_you_mean
from stripe_source.plays.declared import plays_in
from stripe_source.plays.play import Play

FOLDER = Path(__file__).parent / "templates"


def templates() -> dict[str, Play]:
    """All of them by name."""
    return plays_in(FOLDER)


def add_template(name: str, folder: Path) -> Path:
    """Copy one into a folder, which is made; gives the file.

    Raises UsageError for one that there is not, and where there is such a file already.
    """
    known = {file.stem: file for file in FOLDER.glob("*.toml")}
    if name not in known:
        raise UsageError(f"there is no template '{name}'{did_you_mean(name, known)}")
    target = folder / f"{name}.toml"
    if target.exists():
        raise UsageError(f"{target} is there already")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target.write_text(known[name].read_text("utf-8"), "utf-8")
    except OSError as failure:
        raise UsageError(f"can't write {target}: {failure.strerror}") from None
    return target
