"""Contracts of the tables that only the published file has: verdicts, publications, dictionary and words."""

from __future__ import annotations

from assets.contracts.model import Column, Table

GATE_RESULTS = Table(
    stage="quality",
    name="gate_results",
    summary="What every rule said about every table: refusals of all runs, passes of the latest runs.",
    grain="one row per run, table and rule",
    key=("run_id", "table_name", "rule"),
    columns=(
        Column("run_id", "text", "", "run of Dagster", required=True),
        Column("table_name", "text", "", "stage.table", required=True),
        Column("rule", "text", "", "name of the rule", required=True),
        Column("severity", "text", "", "error stops, warning is shown", required=True, vocabulary="severity"),
        Column("is_passed", "flag", "", "true if no row offended", required=True),
        Column("rows_checked", "integer", "rows", "rows of the frame", required=True, at_least=0),
        Column("rows_failed", "integer", "rows", "rows that offended", required=True, at_least=0),
        Column("sample_keys", "text", "", "first offending rows, as JSON", required=True),
        Column("checked_at", "instant", "UTC", "when", required=True),
    ),
)

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

DICTIONARY = Table(
    stage="quality",
    name="dictionary",
    summary="Every column of this file with type, unit and meaning.",
    grain="one row per column",
    key=("schema_name", "table_name", "column_name"),
    columns=(
        Column("schema_name", "text", "", "schema", required=True),
        Column("table_name", "text", "", "table", required=True),
        Column("column_name", "text", "", "column", required=True),
        Column("position", "integer", "", "position in the table", required=True, at_least=1),
        Column("data_type", "text", "", "type in DuckDB", required=True),
        Column("unit", "text", "", "unit of the value", required=True),
        Column("description", "text", "", "meaning", required=True),
        Column("is_key", "flag", "", "part of the key", required=True),
        Column("is_required", "flag", "", "never empty", required=True),
        Column("allowed_values", "text", "", "closed vocabulary, if there is one"),
        Column("refers_to", "text", "", "table and column that hold every value, if there is one"),
        Column("table_summary", "text", "", "what the table holds", required=True),
        Column("grain", "text", "", "what a row is", required=True),
        Column("hazards", "text", "", "when summing or joining is wrong"),
        Column("source", "text", "", "what the table is built from", required=True),
    ),
)

VOCABULARY = Table(
    stage="quality",
    name="vocabulary",
    summary="Every word of the closed vocabularies with its meaning.",
    grain="one row per vocabulary and word",
    key=("vocabulary", "word"),
    columns=(
        Column("vocabulary", "text", "", "name of the vocabulary", required=True),
        Column("word", "text", "", "the word", required=True),
        Column("position", "integer", "", "place in the vocabulary; firmness rises with it", required=True, at_least=1),
        Column("meaning", "text", "", "definition", required=True),
        Column("word_group", "text", "", "what a flow is: purchase, funding or contingent; empty for other words"),
    ),
)

TABLES = (GATE_RESULTS, PUBLICATIONS, DICTIONARY, VOCABULARY)
OWN_TABLES = (
    (GATE_RESULTS, "the gate log beside the build file"),
    (PUBLICATIONS, "the publishing run"),
    (DICTIONARY, "the contracts of all tables"),
)
"""Tables that publishing itself makes, and what they are made of."""
