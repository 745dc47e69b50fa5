"""Who, what and from where: entities, deals and sources."""

from __future__ import annotations

from assets.contracts import rules
from assets.contracts.model import Column
from assets.contracts.staging.columns import COUNTRY, SOURCE, SYMBOL, identifier, seed

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

SOURCES = seed(
    "sources",
    "Documents and pages from which the figures were read.",
    "one row per source",
    ("source_id",),
    (
        identifier("source_id", "short name of the source"),
        Column("publisher", "text", "", "who published it", required=True),
        Column("title", "text", "", "its title", required=True),
        Column("published_on", "date", "day", "day of publication, empty if not stated"),
        Column("url", "text", "", "address, empty if there is none", pattern=r"^https?://\S+$"),
        Column("kind", "text", "", "what sort of document it is", required=True, vocabulary="source_kind"),
    ),
    (rules.not_in_future("published_on"),),
)

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
    (rules.known_from_plausible("announced_on"),),
)
