"""quality.publications: every publication of the file."""

from __future__ import annotations

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
        Column("publication_id", "text", "", "name of the publication", required=True),
        Column(
            "publication_number",
            "integer",
            "",
            "1 for the first; the highest is the one you read",
            required=True,
            at_least=1,
        ),
        Column("published_at", "instant", "UTC", "when, by the clock of the machine", required=True),
        Column("seeds_sha256", "text", "", "hash of all seed files as loaded", required=True),
        Column("code_version", "text", "", "hash of the project's code and SQL", required=True),
        Column("schema_version", "text", "", "MAJOR.MINOR of the promised shape; empty before it had versions"),
        Column("run_id", "text", "", "run of Dagster", required=True),
        Column("last_known_on", "date", "day", "latest day of knowledge in the ledger", required=True),
        Column("table_count", "integer", "rows", "tables published", required=True, at_least=1),
        Column("row_count", "integer", "rows", "rows in all tables", required=True, at_least=1),
        Column("row_counts", "text", "", "rows per table, as JSON", required=True),
        Column("fingerprints", "text", "", "SHA-256 of the content per table, as JSON", required=True),
    ),
)
