"""export: the published tables as files for programs that do not open DuckDB."""

FORMATS = ("parquet", "csv", "xlsx")
"""Each is written by the module `as_...` of its name."""
SCHEMAS = ("raw", "staging", "facts", "metrics", "quality", "bi")
USUAL_SCHEMAS = ("bi", "facts", "metrics", "quality")
"""What is exported unless one chooses."""
