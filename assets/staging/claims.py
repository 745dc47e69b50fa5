"""staging.claims: the sentences of the founding article."""

from __future__ import annotations

from assets.core import fields, shared_rules
from assets.core.columns import day, integer, text
from assets.staging.columns import ID, seed

CLAIMS = seed(
    "claims",
    "The measurable sentences of the founding article.",
    "one row per claim",
    ("claim_id",),
    (
        fields.here("claim_id", pattern=ID, refers_to=""),
        fields.here("source_id"),
        integer("paragraph", "paragraph of the article", at_least=1),
        text("subject", "whom it is about", required=True, refers_to="staging.entities.entity_id"),
        *fields.of("statement", "measure", "qualifier", "expected_low", "expected_value", "expected_high"),
        fields.here("unit", vocabulary="claim_unit"),
        day("as_of", "day on which it is measured", required=True),
        fields.here("note"),
    ),
    (
        shared_rules.known_from_plausible("as_of"),
        shared_rules.ordered_bounds("expected_low", "expected_value", "expected_high"),
    ),
)
