"""Plays: when a row of a model is added, changed or removed, something happens.

from stripe_source.plays import Change, play, run_plays

@play(model="invoices_overdue", on="added", where="days_overdue >= 14")
def remind(change: Change) -> None:
    send_mail(change.row["customer_id"], change.row["number"], key=change.id)

run_plays(pipeline, [remind])   # after a sync; the first run only takes note of what is there
"""

from stripe_source.plays.change import Change
from stripe_source.plays.declared import folder_from, plays_in
from stripe_source.plays.detect import Wish
from stripe_source.plays.play import Play, play
from stripe_source.plays.run import Ran, exit_code, run_plays
from stripe_source.plays.targets.target import Failed, Refused

__all__ = [
    "Change",
    "Failed",
    "Play",
    "Ran",
    "Refused",
    "Wish",
    "exit_code",
    "folder_from",
    "play",
    "plays_in",
    "run_plays",
]
