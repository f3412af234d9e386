"""Carries out a batch: many rows at a time, each recorded as soon as it is done.

Run again, an interrupted batch goes on where it was: rows that are done are left out, and a write
whose answer was lost is sent with the same idempotency key.
"""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from stripe_source.actions.batch.journal import Journal, hold
from stripe_source.actions.batch.kept import Kept, Log
from stripe_source.actions.batch.plan import Plan, Task
from stripe_source.actions.batch.records import Record
from stripe_source.actions.batch.runs import Run, due_run
from stripe_source.actions.outcome import Kind, Outcome
from stripe_source.actions.session import Session
from stripe_source.api.account import read_account
from stripe_source.errors import (
    AccessError,
    Gone,
    NotFound,
    StripeSourceError,
    StripeUnavailable,
    Undecided,
)

THREADS = 16
LOOK_EVERY = 0.2  # seconds
LOAD_EVERY = 30.0
GIVE_UP = 8  # rows one after the other that Stripe didn't answer for


@dataclass
class Result:
    """What a batch came to.

    ``outcomes`` counts what became of the objects of its rows in this run, and ``done_before`` the
    rows that an earlier run had done. ``shown`` are rows with their outcomes: those that failed, in
    a dry run all. ``left`` rows were not come to, ``stopped`` says why. ``not_loaded`` says why the
    records are in the ``journal`` alone.
    """

    rows: int
    batch_id: str | None = None
    journal: Path | None = None
    done_before: int = 0
    ended: int = 0
    failed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    shown: list[tuple[Task, Outcome]] = field(default_factory=list)
    stopped: StripeSourceError | None = None
    not_loaded: str | None = None
    seconds: float = 0.0

    @property
    def left(self) -> int:
        """Rows that nothing has become of yet."""
        return self.rows - self.done_before - self.ended

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed, 3 partly done, or that of what stopped it."""
        if self.stopped is not None:
            return self.stopped.exit_code
        if self.failed:
            return 1 if self.failed == self.ended and not self.done_before else 3
        return 1 if self.not_loaded else 0


Progress = Callable[[Result], None]


def run_batch(
    session: Session,
    plan: Plan,
    log: Log,
    *,
    again: bool = False,
    progress: Progress = lambda _: None,
) -> Result:
    """Carry out a plan; what became of each row is kept in ``log``.

    The same plan goes on with its last run where that didn't come to its end, or where another
    would do twice what it did (inserts), unless ``again``. ``progress`` is called now and then.
    Raises UsageError where another process is at it.
    """
    tasks = plan.tasks()
    confirm(session, plan)
    if session.dry_run:
        return _Batch(session, plan, tasks, Run("dry")).carry_out(progress)
    if not tasks:
        return Result(0)
    account = read_account(session.client, session.account_id)
    with hold(log.folder, plan.id_in(account)):
        run = due_run(plan, account, tasks, log, again=again)
        with Journal(log.folder / f"{run.id}.jsonl") as journal:
            kept = Kept(journal, log.records, list(run.unloaded))
            return _Batch(session, plan, tasks, run, kept).carry_out(progress)


def confirm(session: Session, plan: Plan) -> None:
    """Ask what has to be asked before a batch. Raises UsageError where it is not allowed."""
    what = f"{plan.action.title()}: {len(plan.rows):,} rows"
    if plan.action.again == "gone" and len(plan.rows) > 1:
        session.about_to_several(what)
    if plan.rows:
        session.about_to(what)


class _Batch:
    """A batch under way; a dry run keeps nothing.

    Rows of one object are done again from the first where one of them is left, for the last one's
    values are to stand.
    """

    def __init__(
        self,
        session: Session,
        plan: Plan,
        tasks: Sequence[Task],
        run: Run,
        kept: Kept | None = None,
    ) -> None:
        self.session, self.plan, self.run, self.kept = session, plan, run, kept
        self.groups = [
            group for group in _groups(tasks) if any(t.key not in run.done for t in group)
        ]
        if plan.action.again == "twice":
            self.groups = [[task for task in g if task.key not in run.done] for g in self.groups]
        due = sum(map(len, self.groups))
        self.result = Result(len(tasks), done_before=len(tasks) - due)
        if kept is not None:
            self.result.batch_id, self.result.journal = run.id, kept.journal.file
        self.unanswered = 0
        self.stop = threading.Event()
        self.lock = threading.Lock()

    def carry_out(self, progress: Progress) -> Result:
        """Do all tasks; on an interruption those under way are finished and recorded first."""
        began, loaded_at = time.monotonic(), time.monotonic()
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="batch")
        pending = {threads.submit(self._in_turn, group) for group in self.groups}
        try:
            while pending:
                ended, pending = wait(pending, LOOK_EVERY)
                for each in ended:
                    each.result()
                self.result.seconds = time.monotonic() - began
                progress(self.result)
                if self.kept is not None and time.monotonic() - loaded_at > LOAD_EVERY:
                    self.kept.load()
                    loaded_at = time.monotonic()
        finally:
            self.stop.set()
            threads.shutdown(wait=True, cancel_futures=True)
            if self.kept is not None:
                self.kept.load_at_last()
                self.result.not_loaded = self.kept.not_loaded
            self.result.seconds = time.monotonic() - began
        return self.result

    def _in_turn(self, group: Sequence[Task]) -> None:
        """Tasks that concern the same object."""
        for task in group:
            if self.stop.is_set():
                return
            try:
                outcomes = self._outcomes(task)
            except StripeSourceError as end:
                self.result.stopped = self.result.stopped or end
                self.stop.set()
                return
            self._note(task, outcomes)

    def _outcomes(self, task: Task) -> list[Outcome]:
        """Do one task. Raises what would meet every other task, too."""
        if task.wrong is not None:
            return [Outcome("failed", why=task.wrong)]
        attempts = self.run.attempts.get(task.key, 0)
        session = self.session.seeded(f"{self.run.id}:{task.key}:{attempts}")
        try:
            found = self.plan.action.of(task.fields).run(session)
        except AccessError:
            raise
        except Undecided as doubt:
            self._unanswered(doubt)
            return [Outcome("unknown", why=str(doubt))]
        except StripeUnavailable as fault:
            self._unanswered(fault)
            return [Outcome("failed", why=str(fault))]
        except StripeSourceError as refusal:
            return [self._refused(refusal)]
        self.unanswered = 0
        return found

    def _refused(self, refusal: StripeSourceError) -> Outcome:
        """A failure, but where what was to go is gone, maybe by this very run before a kill."""
        gone = isinstance(refusal, Gone) or (self.run.resumed and isinstance(refusal, NotFound))
        kind: Kind = "skipped" if gone and self.plan.action.again == "gone" else "failed"
        return Outcome(kind, why=str(refusal), request_id=refusal.request_id)

    def _unanswered(self, fault: StripeUnavailable) -> None:
        """Count rows without an answer; raise where it seems that no other will get one."""
        self.unanswered += 1
        if self.unanswered >= GIVE_UP:
            raise fault

    def _note(self, task: Task, outcomes: list[Outcome]) -> None:
        failed = any(each.outcome in ("failed", "unknown") for each in outcomes)
        with self.lock:
            if self.kept is not None:
                made = [self._record(task, part, each) for part, each in enumerate(outcomes)]
                self.kept.add(made)
            self.result.ended += 1
            self.result.failed += failed
            self.result.outcomes.update(each.outcome for each in outcomes)
            if failed or self.session.dry_run:
                self.result.shown += [(task, each) for each in outcomes]

    def _record(self, task: Task, part: int, outcome: Outcome) -> Record:
        definite = outcome.outcome == "failed"
        return Record(
            batch_id=self.run.id,
            row_key=task.key,
            part=part,
            row_number=task.number,
            batch_rows=self.result.rows,
            action=self.plan.action.name(),
            matching_property=task.fields.get("matching_property"),
            matching_value=task.fields.get("matching_value"),
            outcome=outcome.outcome,
            object_id=outcome.id or task.fields.get("id"),
            changed=list(outcome.changes),
            why=outcome.why,
            request_id=outcome.request_id,
            attempts=self.run.attempts.get(task.key, 0) + definite,
            done_at=datetime.now(UTC).isoformat(),
            livemode=self.session.livemode,
            _account_id=self.run.account,
        )


def _groups(tasks: Sequence[Task]) -> list[list[Task]]:
    found: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.group].append(task)
    return list(found.values())
