"""closedloop: the ledger of the closed loop, as Dagster assets over DuckDB, Polars and Great Expectations."""
