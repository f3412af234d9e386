"""Which run of a batch is due: the last one where it is to be gone on with, else a new one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from stripe_source.actions.batch.journal import read_journal
from stripe_source.actions.batch.kept import Log
from stripe_source.actions.batch.plan import Plan, Task
from stripe_source.actions.batch.records import Record
from stripe_source.api.account import Account


@dataclass(frozen=True)
class Run:
    """A run of a batch: its id, and what is known of it from before.

    ``done`` are the keys of rows that are not to be done again, ``attempts`` how often the others
    failed, and ``unloaded`` the records that only a journal has, of this run or the one before.
    """

    id: str
    account: str = ""
    done: frozenset[str] = frozenset()
    attempts: dict[str, int] = field(default_factory=dict)
    unloaded: list[Record] = field(default_factory=list)
    resumed: bool = False


def due_run(plan: Plan, account: Account, tasks: Sequence[Task], log: Log, *, again: bool) -> Run:
    """The run to carry out now, in which nothing may be left to do."""
    batch = plan.id_in(account)
    names = [file.stem for file in log.folder.glob(f"{batch}-*.jsonl")]
    names += log.records.runs(batch) if log.records else []
    last = max(map(_number, names), default=0)
    if last == 0:
        return Run(f"{batch}-1", account.id)
    name = f"{batch}-{last}"
    loaded = log.records.of(name) if log.records else []
    written = read_journal(log.folder / f"{name}.jsonl")
    there = {(each.row_key, each.part): each.done_at for each in loaded}
    newer = (e for e in written if e.done_at > there.get((e.row_key, e.part), ""))
    unloaded = list(newer) if log.records else []
    rows = _by_row([*loaded, *written])
    done = frozenset(key for key, each in rows.items() if not any(r.failed for r in each))
    nothing_left = all(task.key in done for task in tasks)
    if again or (plan.action.again != "twice" and (nothing_left or _finished(rows))):
        return Run(f"{batch}-{last + 1}", account.id, unloaded=unloaded)
    attempts = {key: max(r.attempts for r in each) for key, each in rows.items()}
    return Run(name, account.id, done, attempts, unloaded, resumed=True)


def _by_row(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The last word on each row: the records of its last attempt."""
    found: dict[str, list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda each: each.done_at):
        before = found[record.row_key]
        if before and before[0].failed:
            before.clear()
        before.append(record)
    return found


def _number(run: str) -> int:
    return int(run.rpartition("-")[2])


def _finished(rows: dict[str, list[Record]]) -> bool:
    """Whether the run came to the end of its rows, however they ended."""
    if not rows:
        return False
    latest = max(
        (record for each in rows.values() for record in each), key=lambda each: each.done_at
    )
    return len(rows) >= latest.batch_rows
