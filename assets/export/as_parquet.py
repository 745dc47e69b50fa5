"""Tables as Parquet: unchanged values; meaning and unit are in the metadata of each field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.export.contents import Content
from assets.warehouse.questions import Connection

ROWS_AT_ONCE = 100_000


def write(connection: Connection, tables: Sequence[Content], folder: Path) -> dict[str, int]:
    """Write one file per table, `schema/name.parquet`; returns the rows of each file."""
    written = {}
    for table in tables:
        file = f"{table.schema}/{table.name}.parquet"
        written[file] = _write_one(connection, table, folder / file)
    return written


def _write_one(connection: Connection, table: Content, path: Path) -> int:
    path.parent.mkdir(exist_ok=True)
    reader = connection.sql(table.select).to_arrow_reader(ROWS_AT_ONCE)
    fields = {c.name: {"unit": c.unit, "description": c.description} for c in table.columns}
    schema = pa.schema([field.with_metadata(fields[field.name]) for field in reader.schema])
    about = {"summary": table.summary, "grain": table.grain, "hazards": table.hazards}
    rows = 0
    with pq.ParquetWriter(path, schema.with_metadata(about), compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=writer.schema))
            rows += batch.num_rows
    return rows
