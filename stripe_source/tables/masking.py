"""From names, as users write them, to masks: ``customers.email``, or ``email`` for every table."""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from stripe_source.catalog import CATALOG
from stripe_source.errors import UsageError, did_you_mean
from stripe_source.tables.erased import blanks, links
from stripe_source.tables.every import every_table
from stripe_source.tables.layout import EXTRA, Table
from stripe_source.tables.masks import Masks, within
from stripe_source.tables.types import all_columns

EXCLUDE, HASH = "exclude_columns", "hash_columns"
PERSONAL = "personal"
"""Stands for all columns that may hold something personal, in every table."""


@dataclass(frozen=True)
class _Named:
    """What an option names: a path of columns in some tables."""

    option: str
    name: str

    def places(self) -> Iterator[tuple[Table, str]]:
        """Each table with the name in it. Raises UsageError for what there is not."""
        first, dot, rest = self.name.partition(".")
        tables = _plain_tables()
        if not dot:
            found = [table for table in tables.values() if list(_hit(table, first))]
            if not found:
                known = {column.name for table in tables.values() for column in all_columns(table)}
                raise self._error(f"no table has a column '{first}'{did_you_mean(first, known)}")
            yield from ((table, first) for table in found)
            return
        if first not in tables:
            plain = first.removesuffix("_history")
            hint = did_you_mean(first, tables)
            if plain in tables:
                hint = f"; say '{plain}.{rest}', which is of its history, too"
            raise self._error(f"there is no table '{first}'{hint}")
        if not list(_hit(tables[first], rest)):
            known = {column.name for column in all_columns(tables[first])}
            raise self._error(f"{first} has no column '{rest}'{did_you_mean(rest, known)}")
        yield tables[first], rest

    def excluded(self) -> Iterator[tuple[str, str]]:
        """The tables and what is left out of them. Raises UsageError for what can't be."""
        for table, name in self.places():
            if needed := set(_hit(table, name)) & _needed(table):
                raise self._error(f"{table.name}.{min(needed)} is a key, or what syncs go by")
            yield table.name, name

    def hashed(self) -> Iterator[tuple[str, str]]:
        """The tables and the column that is hashed in them, likewise.

        Of a name without a table, tables that have an object of that name are not meant.
        """
        found = list(self.places())
        exact = [(t, name) for t, name in found if name in {c.name for c in all_columns(t)}]
        for table, name in exact or found:
            kinds = {column.name: column.kind for column in all_columns(table)}
            if name in _needed(table):
                raise self._error(f"{table.name}.{name} is a key, or what syncs go by")
            if name not in kinds:
                raise self._error(f"{table.name} has several columns {name}__...: name each")
            if kinds[name] != "text":
                raise self._error(f"{table.name}.{name} is no text, but {kinds[name]}")
            yield table.name, name

    def _error(self, why: str) -> UsageError:
        return UsageError(f"{self.option}: {why}")


@dataclass(frozen=True)
class Asked:
    """What a user wants to be masked: names for each option, None where nothing is said.

    In dlt's state it is ``{"exclude_columns": [..], "hash_columns": [..], "secret": ".."}``, with a
    fingerprint of the secret.
    """

    exclude: frozenset[str] | None = None
    hash: frozenset[str] | None = None
    secret: str | None = field(default=None, repr=False)

    @classmethod
    def noted(cls, note: Mapping[str, Any], secret: str | None) -> "Asked":
        """What a sync has noted. Raises UsageError where it had another secret."""
        found = cls(frozenset(note.get(EXCLUDE, ())), frozenset(note.get(HASH, ())), secret)
        if found.hash and secret and found.note()["secret"] != note["secret"]:
            raise UsageError("hash_secret is not the one that the tables were hashed with")
        return found

    def masks(self) -> Masks:
        """The masks that the names stand for. Raises UsageError as `masks_for` does."""
        return masks_for(sorted(self.exclude or ()), sorted(self.hash or ()), self.secret)

    def note(self) -> dict[str, Any]:
        """What the state keeps of it; empty where nothing is masked."""
        names = {EXCLUDE: sorted(self.exclude or ()), HASH: sorted(self.hash or ())}
        noted = {option: found for option, found in names.items() if found}
        if not self.hash:
            return noted
        mark = hmac.digest((self.secret or "").encode(), b"stripe-source", "sha256").hex()[:8]
        return {**noted, "secret": mark}

    def and_in(self, note: Mapping[str, Any]) -> dict[str, Any]:
        """A note of what both this and a noted one mask, and no row shows that either loaded."""
        ours = self.note()
        same = {EXCLUDE: True, HASH: ours.get("secret") == note.get("secret")}
        both = {
            option: sorted(set(ours.get(option, ())) & set(note.get(option, ())))
            for option in (EXCLUDE, HASH)
            if same[option]
        }
        found = {option: names for option, names in both.items() if names}
        return {**found, "secret": ours["secret"]} if HASH in found else found

    def since(self, note: Mapping[str, Any]) -> Masks:
        """The masks that are new since that was noted.

        Raises UsageError where nothing is said of what was masked: to forget an option must not
        load what is personal.
        """
        before = {EXCLUDE: set(note.get(EXCLUDE, ())), HASH: set(note.get(HASH, ()))}
        for option, said in ((EXCLUDE, self.exclude), (HASH, self.hash)):
            if said is None and before[option]:
                names = ", ".join(sorted(before[option]))
                raise UsageError(
                    f"the tables were loaded with {option} {names}: say so again, in the "
                    "configuration or each time, or give an empty one to load everything"
                )
        if note.get("secret") != self.note().get("secret"):
            before[HASH] = set()
        return masks_for(
            sorted((self.exclude or frozenset()) - before[EXCLUDE]),
            sorted((self.hash or frozenset()) - before[HASH]),
            self.secret,
        )


def masks_for(exclude: Iterable[str], hash_: Iterable[str], secret: str | None) -> Masks:
    """The masks that these names stand for.

    Raises UsageError for a name that nothing has or that can't be masked, and without a secret.
    """
    left_out: list[tuple[str, str]] = []
    for name in exclude:
        left_out += _personal() if name == PERSONAL else _Named(EXCLUDE, name).excluded()
    hashed = [place for name in hash_ for place in _Named(HASH, name).hashed()]
    if hashed and not secret:
        raise UsageError(
            "hash_columns needs a secret: hash_secret under [sources.stripe_source] in "
            "secrets.toml, or SOURCES__STRIPE_SOURCE__HASH_SECRET"
        )
    return Masks(_by_table(left_out), _by_table(hashed), secret or "")


def _by_table(places: Sequence[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for table, name in places:
        found[table] = found.get(table, frozenset()) | {name}
    return found


def _hit(table: Table, name: str) -> Iterator[str]:
    """The columns that a name stands for: one, or those of an object that is flattened."""
    return (column.name for column in all_columns(table) if within(column.name, [name]))


def _personal() -> list[tuple[str, str]]:
    return [
        (table.name, name)
        for table in _plain_tables().values()
        for name in sorted({*blanks(table)} - _needed(table))
    ]


@cache
def _needed(table: Table) -> frozenset[str]:
    """What a row is found, compared, joined and erased by; all columns of our own but one."""
    stripes = {column.name for column in table.columns}
    ours = {column.name for column in all_columns(table)} - stripes - {EXTRA}
    ids = {column.name for column in table.columns if column.kind == "id"}
    times = {row.created_field for row in CATALOG.values() if row.name == table.name}
    return frozenset({*table.key, *ours, *ids, *times, *links(table), "created", "test_clock"})


@cache
def _plain_tables() -> dict[str, Table]:
    return {name: table for name, table in every_table().items() if not table.history}
