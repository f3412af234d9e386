"""What a sync notes of itself while it runs."""

from stripe_source.report import Report


def test_how_far_it_is() -> None:
    """A part of which nothing was left when it was first looked at is done, and counts as one."""
    sync = Report()
    report = sync.of("acct_1")
    report.expect(["customers"])
    report.at("history", 0)
    assert report.share == 0.5
    report.at("customers", 200)
    report.at("customers", 100)
    assert report.share == sync.share == 0.75
