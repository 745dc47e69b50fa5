"""staging.entities: the parties."""

from __future__ import annotations

from assets.core.table import Column
from assets.staging.columns import COUNTRY, SYMBOL, identifier, seed

ENTITIES = seed(
    "entities",
    "Companies, vehicles and groups that pay or are paid.",
    "one row per entity",
    ("entity_id",),
    (
        identifier("entity_id", "short name of the entity, the key everywhere"),
        Column("name", "text", "", "name as people write it", required=True),
        Column(
            "kind",
            "text",
            "",
            "what the entity does; an aggregate is never a station",
            required=True,
            vocabulary="entity_kind",
        ),
        Column("ticker", "text", "", "symbol of the listed share", pattern=SYMBOL),
        Column("cik", "text", "", "number in the SEC's register", pattern=r"^[0-9]{1,10}$"),
        Column("country", "text", "", "two-letter country of the seat", pattern=COUNTRY),
    ),
)
