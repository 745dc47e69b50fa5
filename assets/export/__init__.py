"""export: the published tables as files for programs that do not open DuckDB."""

FORMATS = ("parquet", "csv", "xlsx")
"""The formats; module `as_...` writes each."""
SCHEMAS = ("raw", "staging", "facts", "metrics", "quality", "bi")
USUAL_SCHEMAS = ("bi", "facts", "metrics", "quality")
"""The schemas that are exported by default."""
