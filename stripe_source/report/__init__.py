"""What a sync has done so far: the numbers behind progress bar, summary and exit code."""

from stripe_source.report.account import AccountReport, Outcome
from stripe_source.report.current import current_report, filling
from stripe_source.report.report import Known, Report, Speed

__all__ = [
    "AccountReport",
    "Known",
    "Outcome",
    "Report",
    "Speed",
    "current_report",
    "filling",
]
