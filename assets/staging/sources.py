"""staging.sources: where facts were read."""

from __future__ import annotations

from assets.core import fields, shared_rules
from assets.core.columns import day, text
from assets.staging.columns import ID, seed

SOURCES = seed(
    "sources",
    "Documents and pages from which the figures were read.",
    "one row per source",
    ("source_id",),
    (
        fields.here("source_id", "short name of the source", pattern=ID, refers_to=""),
        text("publisher", "who published it", required=True),
        text("title", "its title", required=True),
        day("published_on", "day of publication, empty if not stated"),
        text("url", "address, empty if there is none", pattern=r"^https?://\S{1,2000}$"),
        fields.here("kind", "what sort of document it is", vocabulary="source_kind"),
    ),
    (shared_rules.not_in_future("published_on"),),
)
