"""staging.deals: the deals."""

from __future__ import annotations

from assets.core import fields, shared_rules
from assets.core.columns import day
from assets.staging.columns import ID, seed

DEALS = seed(
    "deals",
    "Deals: what belongs together because it was agreed together.",
    "one row per deal",
    ("deal_id",),
    (
        fields.here("deal_id", pattern=ID, refers_to=""),
        fields.here("name"),
        day("announced_on", "first public day", required=True),
        *fields.of("description", "source_id"),
    ),
    (shared_rules.known_from_plausible("announced_on"),),
)
