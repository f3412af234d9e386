"""Terminal: card readers in shops."""

from stripe_source.catalog.resource import Resource, types

TERMINAL = (
    Resource(
        "terminal_configurations",
        "/v1/terminal/configurations",
        "terminal.configuration",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "terminal_locations",
        "/v1/terminal/locations",
        "terminal.location",
        cursor=None,
        relist="whole",
    ),
    Resource(
        "terminal_readers",
        "/v1/terminal/readers",
        "terminal.reader",
        cursor=None,
        events=types("terminal.reader", "action_failed action_succeeded action_updated"),
        relist="whole",
    ),
)
