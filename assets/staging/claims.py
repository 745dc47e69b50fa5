"""staging.claims: the sentences of the founding article."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.table import Column
from assets.staging.columns import NOTE, QUALIFIER, SOURCE, identifier, reference, seed

CLAIMS = seed(
    "claims",
    "The measurable sentences of the founding article.",
    "one row per claim",
    ("claim_id",),
    (
        identifier("claim_id", "short name of the claim"),
        SOURCE,
        Column("paragraph", "integer", "", "paragraph of the article", at_least=1),
        reference("subject", "entities", "entity_id", "whom it is about", required=True),
        Column("statement", "text", "", "the claim in a sentence", required=True),
        Column("measure", "text", "", "what is measured in the ledger", required=True),
        QUALIFIER,
        Column("expected_low", "number", "mixed", "lower bound of the claim, in its unit"),
        Column("expected_value", "number", "mixed", "figure of the claim, in its unit"),
        Column("expected_high", "number", "mixed", "upper bound of the claim, in its unit"),
        Column("unit", "text", "", "unit of the claim", required=True, vocabulary="claim_unit"),
        Column("as_of", "date", "day", "day on which it is measured", required=True),
        NOTE,
    ),
    (
        shared_rules.known_from_plausible("as_of"),
        shared_rules.ordered_bounds("expected_low", "expected_value", "expected_high"),
    ),
)
