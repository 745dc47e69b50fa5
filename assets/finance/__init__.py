"""The mathematics: pure functions on Polars frames and NumPy arrays, without Dagster, DuckDB or files."""
