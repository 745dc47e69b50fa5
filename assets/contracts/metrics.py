"""The contract of the claims, and the columns that several metrics share.

Not here: the metrics that are one SELECT; the head of `sql/metrics/<table>.sql` is their contract.
"""

from __future__ import annotations

from assets.contracts.model import Column, Table

AS_OF = Column("as_of_date", "date", "day", "day of knowledge", required=True)


def _entity(name: str, description: str) -> Column:
    return Column(name, "text", "", description, required=True, refers_to="facts.entities.entity_id")


def _usd(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, "number", "USD", description, required=required, at_least=0)


SPARSE = (
    "one row per day on which something changed: the latest row on or before a day is in force, see the *_as_of macros"
)

CLAIMS = Table(
    stage="metrics",
    name="claims",
    summary="The sentences of the founding article, measured in the ledger as known on their day.",
    grain="one row per claim",
    key=("claim_id",),
    columns=(
        Column("claim_id", "text", "", "the claim", required=True, refers_to="staging.claims.claim_id"),
        Column("statement", "text", "", "the claim in a sentence", required=True),
        Column("as_of_date", "date", "day", "day on which it is measured", required=True),
        Column("unit", "text", "", "unit of the values", required=True, vocabulary="claim_unit"),
        Column("expected_low", "number", "mixed", "lower bound of the claim, in its unit"),
        Column("expected_value", "number", "mixed", "figure of the claim, in its unit"),
        Column("expected_high", "number", "mixed", "upper bound of the claim, in its unit"),
        Column("measured_value", "number", "mixed", "what the ledger says, in the unit of the claim"),
        Column("verdict", "text", "", "how the two compare", required=True, vocabulary="verdict"),
        Column("explanation", "text", "", "what was measured, from what, and other readings", required=True),
    ),
    hazards=("a verdict is a result: it says what the ledger holds, not what is true",),
)

TABLES = (CLAIMS,)
