"""What a batch is to do: an action, and how the columns of a row fill in its fields."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stripe_source.actions.action import Action
from stripe_source.actions.batch.rows import Row
from stripe_source.actions.matching import checked
from stripe_source.actions.properties import dotted, text_of, typed
from stripe_source.api.account import Account
from stripe_source.errors import UsageError, did_you_mean


@dataclass(frozen=True)
class Task:
    """One row: its place in the source, from 1, what tells it from others, and its fields.

    ``group`` are the tasks that concern the same object, which are done one after the other;
    ``wrong`` says what is, where the fields can't be made of the row.
    """

    number: int
    key: str
    group: str
    fields: dict[str, Any]
    wrong: str | None = None


@dataclass(frozen=True)
class Plan:
    """An action for every row of a source.

    ``source`` is what the rows come from, the query's text or the file's place: with the rest of
    this it tells one batch from another. ``match`` is the property to match by; its value is in the
    column of that name. Columns fill in the properties, or where the action has none the fields, of
    their names; ``columns`` says property by property which column it is instead, and then leaves
    out all others. ``constants`` are properties that are the same for all, and ``fields`` fields.
    None in a column leaves a property alone.
    """

    action: type[Action]
    rows: Sequence[Row] = field(repr=False)
    source: str
    match: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise UsageError for what would fail on every row."""
        if not self.action.writes:
            raise UsageError(f"'{self.action.name()}' changes nothing: it is not for batches")
        if self.fields.get("erase"):
            raise UsageError("customers are erased one by one: --erase is not for batches")
        if self._matches:
            if self.match is None:
                raise UsageError("say by which property the rows match: --match PROPERTY")
            checked(self.match, "any")
        for name in [*self.columns.values(), *filter(None, [self._match_column])]:
            if self.rows and name not in self.rows[0]:
                hint = did_you_mean(name, self.rows[0])
                raise UsageError(f"the rows have no column '{name}'{hint}")
        self._check_names()

    def _check_names(self) -> None:
        """Raise UsageError for a column, or a constant, that is nothing of the action's."""
        names = [name for name in self._chosen if name != self.match]
        if "mappings" in self.action.model_fields:
            first = self.rows[0] if self.rows else {}
            nested = {name for name in names if isinstance(first.get(name), dict)}
            others = [name for name in names if name not in nested]
            typed(dict.fromkeys([*others, *self.constants]), self.action.request)
            if len({dotted(name) for name in self._chosen}) < len(self._chosen):
                raise UsageError("two columns are of the same property; --map says which it is")
        elif not self._matches:
            for name in set(names) - set(self.action.model_fields):
                hint = did_you_mean(name, self.action.model_fields)
                raise UsageError(f"'{self.action.name()}' has no field '{name}'{hint}")

    @property
    def _chosen(self) -> Mapping[str, str]:
        """Properties by their columns: those named, else all that the first row has."""
        return self.columns or {name: name for name in (self.rows[0] if self.rows else ())}

    def id_in(self, account: Account) -> str:
        """Tells this batch from others, whatever its rows are now; test mode is another account."""
        parts = [
            account.id,
            account.livemode,
            self.action.name(),
            self.source,
            self.match,
            sorted(self.columns.items()),
            sorted((name, str(value)) for name, value in self.constants.items()),
            sorted((name, str(value)) for name, value in self.fields.items()),
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    def tasks(self) -> list[Task]:
        """The rows as tasks. Rows that say the same are told apart by their number among them."""
        seen: Counter[str] = Counter()
        found = []
        for number, row in enumerate(self.rows, 1):
            fields, wrong = self._fields_of(row), None
            try:
                fields |= self._match_of(row)
            except UsageError as failure:
                wrong = str(failure)
            key = hashlib.sha256(_said(row, fields).encode()).hexdigest()[:24]
            seen[key] += 1
            group = str(fields.get("matching_value") or fields.get("id") or f"{key}-{number}")
            found.append(Task(number, f"{key}-{seen[key]}", group, fields, wrong))
        return found

    @property
    def _matches(self) -> bool:
        return "matching_property" in self.action.model_fields

    @property
    def _match_column(self) -> str | None:
        """The column that the value to match is in."""
        if self.match is None:
            return None
        if self.match in self.columns:
            return self.columns[self.match]
        names = self.rows[0] if self.rows else {}
        return next((name for name in names if dotted(name) == dotted(self.match)), self.match)

    def _fields_of(self, row: Row) -> dict[str, Any]:
        chosen = self.columns or {name: name for name in row}
        values = {name: row.get(each) for name, each in chosen.items()}
        values = {name: value for name, value in values.items() if value is not None}
        if self.match is not None:
            match = dotted(self.match)
            values = {name: each for name, each in values.items() if dotted(name) != match}
        if "mappings" in self.action.model_fields:
            return {**self.fields, "mappings": {**values, **self.constants}}
        return dict(self.fields) if self._matches else {**self.fields, **values}

    def _match_of(self, row: Row) -> dict[str, Any]:
        """The fields that say which object a row is for."""
        if self.match is None or self._match_column is None:
            return {}
        path, found = dotted(self.match), row.get(self._match_column)
        value = "" if found is None else text_of(path, found)
        return {"matching_property": path, "matching_value": value}


def _said(row: Row, fields: dict[str, Any]) -> str:
    """What a row says, as a text that is the same for the same."""
    try:
        return json.dumps(fields, default=str, sort_keys=True)
    except (TypeError, ValueError):
        return repr(row)
