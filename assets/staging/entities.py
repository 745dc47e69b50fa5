"""staging.entities: the parties."""

from __future__ import annotations

from assets.core import fields
from assets.core.columns import text
from assets.staging.columns import COUNTRY, ID, SYMBOL, seed

ENTITIES = seed(
    "entities",
    "Companies, vehicles and groups that pay or are paid.",
    "one row per entity",
    ("entity_id",),
    (
        fields.here("entity_id", pattern=ID, refers_to=""),
        fields.here("name"),
        fields.here("kind", "what the entity does; an aggregate is never a station", vocabulary="entity_kind"),
        fields.here("ticker", pattern=SYMBOL),
        text("cik", "number in the SEC's register", pattern="^[0-9]{1,10}$"),
        fields.here("country", "two-letter country of the seat", pattern=COUNTRY),
    ),
)
