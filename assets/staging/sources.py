"""staging.sources: the publications in which facts were read."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.table import Column
from assets.staging.columns import identifier, seed

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
        Column("url", "text", "", "address, empty if there is none", pattern=r"^https?://\S{1,2000}$"),
        Column("kind", "text", "", "what sort of document it is", required=True, vocabulary="source_kind"),
    ),
    (shared_rules.not_in_future("published_on"),),
)
