"""quality.publications: every publication of the file."""

from __future__ import annotations

from assets.core import fields
from assets.core.columns import day, integer, text
from assets.core.table import Column, Table

ORIGIN = "the publishing run"
"""The source of this table at publication."""

PUBLICATIONS = Table(
    stage="quality",
    name="publications",
    summary="Every publication of this file, the last one is the one you read.",
    grain="one row per publication",
    key=("publication_id",),
    columns=(
        text("publication_id", "name of the publication", required=True),
        integer("publication_number", "1 for the first; the highest is the one you read", required=True, at_least=1),
        Column("published_at", "instant", "UTC", "when, by the clock of the machine", required=True),
        text("seeds_sha256", "hash of all seed files as loaded", required=True),
        text("code_version", "hash of the project's code and SQL", required=True),
        text("schema_version", "MAJOR.MINOR of the promised shape; empty before it had versions"),
        fields.here("run_id"),
        day("last_known_on", "latest day of knowledge in the ledger", required=True),
        Column("table_count", "integer", "rows", "tables published", required=True, at_least=1),
        Column("row_count", "integer", "rows", "rows in all tables", required=True, at_least=1),
        text("row_counts", "rows per table, as JSON", required=True),
        text("fingerprints", "SHA-256 of the content per table, as JSON", required=True),
    ),
)
