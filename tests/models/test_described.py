"""What is said of the columns of models: by the model, else by what they are taken from."""

from pathlib import Path

from stripe_source.models.described import texts_of
from stripe_source.models.library import library
from stripe_source.models.model import read_model

OUTER = """-- Charges of a customer.
--
-- grain: a charge
-- key: charge_id

WITH kept AS (
    SELECT c.id AS charge_id, c.created, c.receipt_email, c.amount * 2 AS twice
    FROM raw.charges AS c
)

SELECT
    charge_id,
    utc(created) AS made_at,
    receipt_email AS email, -- Said here
    CAST(receipt_email AS TEXT) AS same,
    twice
FROM kept
"""


def test_a_column_has_the_text_of_what_it_is_taken_from(tmp_path: Path) -> None:
    """Through other names, CTEs and zones, but never where the value has become another."""
    file = tmp_path / "charges_again.sql"
    file.write_text(OUTER)
    texts = texts_of(read_model(file), {})
    assert texts["charge_id"] == "The id of the charge in Stripe."
    assert texts["made_at"] == "Time at which the object was created."  # no longer in seconds
    assert texts["email"] == "Said here"
    assert texts["same"].startswith("This is the email address that the receipt")
    assert texts["twice"] == ""


def test_every_column_of_the_data_models_is_described() -> None:
    """Ours say something of each of their columns, themselves or by where it is from."""
    models = library()
    lacking = {
        f"{name}.{column}"
        for name, model in models.items()
        for column, text in texts_of(model, models).items()
        if not text
    }
    assert lacking == set()
