"""Writes what is generated, and removes the pages of what is no longer there."""

from tests.readme import DOCS, README, pages, with_generated, written

README.write_text(with_generated(README.read_text("utf-8")), "utf-8")
made = pages()
for stale in set(written()) - set(made):
    (DOCS / stale).unlink()
for name, text in made.items():
    (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
    (DOCS / name).write_text(text, "utf-8")
