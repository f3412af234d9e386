"""An action for each row of a query or a file: concurrent, recorded, and resumed where it was."""

from stripe_source.actions.batch.batch import Result as Result
from stripe_source.actions.batch.batch import confirm as confirm
from stripe_source.actions.batch.batch import run_batch as run_batch
from stripe_source.actions.batch.kept import Log as Log
from stripe_source.actions.batch.plan import Plan as Plan
from stripe_source.actions.batch.records import Records as Records
from stripe_source.actions.batch.rows import read_rows as read_rows
