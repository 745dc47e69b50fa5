"""export: the published tables as files for programs that do not open DuckDB."""
