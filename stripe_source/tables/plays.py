"""The tables that plays keep beside those of a sync; what is erased is blanked there, too."""

PLAYS = "_stripe_plays"
"""A row for each play: its baseline, and whether it is paused."""

ROWS = "_stripe_play_rows"
"""The rows of each play's model as they were seen last."""

DELIVERIES = "_stripe_deliveries"
"""A row for each change that a play delivers, or has delivered."""

JSON = ("row_json", "before", "after")
PERSONAL = {ROWS: ("row_json",), DELIVERIES: ("before", "after", "outcome", "why")}
"""The columns that may hold something personal; all else is ids, times and states."""
