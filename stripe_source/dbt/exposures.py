"""``models/exposures.yml``: what reads the models, the report and the plays."""

from typing import Any

from stripe_source.dbt.documents import document
from stripe_source.dbt.names import plain, ref, source
from stripe_source.dbt.subject import Subject
from stripe_source.models.model import RAW
from stripe_source.page.reading import READS
from stripe_source.plays.play import Play

OWNER = {"name": "stripe-source"}


def exposures_file(subject: Subject) -> str:
    """The file; a play of a view that is neither table nor model is not in it."""
    exposures = [_report(subject)]
    for play in subject.plays:
        if (watched := _watched(play, subject)) is not None:
            exposures.append(_play(play, watched))
    return document({"version": 2, "exposures": exposures})


def _report(subject: Subject) -> dict[str, Any]:
    return {
        "name": "stripe_report",
        "label": "stripe-source report",
        "type": "dashboard",
        "description": "MRR, churn, retention, revenue and overdue invoices on one HTML page.",
        "owner": OWNER,
        "depends_on": [ref(name) for name in READS if name in subject.models],
    }


def _play(play: Play, watched: str) -> dict[str, Any]:
    # dbt takes no hyphen, and a play's name may have both.
    name = play.name.replace("_", "__").replace("-", "_")
    changes = " and ".join(play.on)
    facts = f"Starts when a row of {play.model} is {changes}."
    return {
        "name": f"play_{name}",
        "label": plain(play.name),
        "type": "application",
        "description": plain("\n\n".join(filter(None, [play.description, facts]))),
        "owner": OWNER,
        "depends_on": [watched],
    }


def _watched(play: Play, subject: Subject) -> str | None:
    schema, _, name = play.model.rpartition(".")
    if schema == RAW and name in subject.loaded.tables:
        return source(name)
    return ref(name) if not schema and name in subject.models else None
