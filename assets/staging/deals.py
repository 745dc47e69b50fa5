"""staging.deals: the deals."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.table import Column
from assets.staging.columns import SOURCE, identifier, seed

DEALS = seed(
    "deals",
    "Deals: what belongs together because it was agreed together.",
    "one row per deal",
    ("deal_id",),
    (
        identifier("deal_id", "short name of the deal"),
        Column("name", "text", "", "name as people write it", required=True),
        Column("announced_on", "date", "day", "first public day", required=True),
        Column("description", "text", "", "the deal in a sentence", required=True),
        SOURCE,
    ),
    (shared_rules.known_from_plausible("announced_on"),),
)
