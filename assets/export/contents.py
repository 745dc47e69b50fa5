"""The content of an export: tables of the published file with their columns, from one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assets.warehouse.identifiers import qualified
from assets.warehouse.questions import Connection

DICTIONARY = "quality.dictionary"

MANIFEST_COLUMNS = ("publication_id", "published_at", "last_known_on", "seeds_sha256", "code_version")
"""The columns of a publication that the manifest shows."""


class TooLarge(ValueError):  # noqa: N818 - the data is as it should be, the format too small
    """A table or a text does not fit into the chosen format."""


@dataclass(frozen=True)
class Column:
    """A column as described in the dictionary."""

    name: str
    kind: str
    unit: str
    description: str


@dataclass(frozen=True)
class Content:
    """A table of the published file."""

    schema: str
    name: str
    summary: str
    grain: str
    hazards: str
    columns: tuple[Column, ...]

    @property
    def select(self) -> str:
        """The SELECT of all rows."""
        return f"SELECT * FROM {qualified(f'{self.schema}.{self.name}')}"  # noqa: S608 - quoted


def contents(connection: Connection, schemas: Sequence[str]) -> list[Content]:
    """The tables of some schemas, in the order of the dictionary, without the views for old names."""
    rows = connection.execute(
        f"""
        SELECT schema_name, table_name, any_value(table_summary), any_value(grain), coalesce(any_value(hazards), ''),
               list(struct_pack(column_name, data_type, unit, description) ORDER BY position)
        FROM {DICTIONARY}
        WHERE list_contains($schemas, schema_name)
            AND (schema_name, table_name) NOT IN (SELECT (schema_name, view_name) FROM duckdb_views())
        GROUP BY ALL ORDER BY schema_name, table_name
        """,  # noqa: S608 - a constant
        {"schemas": list(schemas)},
    ).fetchall()
    return [
        Content(schema, name, summary, grain, hazards, tuple(Column(*c.values()) for c in columns))
        for schema, name, summary, grain, hazards, columns in rows
    ]


def publication(connection: Connection) -> dict[str, str]:
    """The publication that is exported."""
    row = connection.execute(
        f"SELECT {', '.join(MANIFEST_COLUMNS)} FROM quality.publications ORDER BY publication_number DESC LIMIT 1"  # noqa: S608
    ).fetchall()[0]
    return dict(zip(MANIFEST_COLUMNS, map(str, row), strict=True))


def schema_version(connection: Connection) -> str | None:
    """The version of the shape of the exported file; None for a file without a version."""
    answered = connection.execute("FROM quality.publications ORDER BY publication_number DESC LIMIT 1")
    names = [column[0] for column in answered.description or []]
    (row,) = answered.fetchall()
    found: str | None = dict(zip(names, row, strict=True)).get("schema_version")
    return found
