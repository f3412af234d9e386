"""Reports, scheduled queries and tax set-up."""

from stripe_source.catalog.resource import Resource, types

REPORTING = (
    Resource(
        "reporting_report_runs",
        "/v1/reporting/report_runs",
        "reporting.report_run",
        events=types("reporting.report_run", "failed succeeded"),
        relist="new",
    ),
    Resource(
        "reporting_report_types",
        "/v1/reporting/report_types",
        "reporting.report_type",
        paged=False,
        cursor=None,
        events=types("reporting.report_type", "updated"),
        relist="whole",
    ),
    Resource(
        "sigma_scheduled_query_runs",
        "/v1/sigma/scheduled_query_runs",
        "scheduled_query_run",
        cursor=None,
        events=types("sigma.scheduled_query_run", "created"),
        relist="whole",
    ),
    Resource(
        "tax_locations",
        "/v1/tax/locations",
        "tax.location",
        cursor=None,
        params={"type": "performance"},
        relist="whole",
    ),
    Resource(
        "tax_registrations",
        "/v1/tax/registrations",
        "tax.registration",
        cursor=None,
        relist="whole",
    ),
)
