"""facts: the content of the ledger, built with Polars. Each module declares its tables as `STEP` or `STEPS`."""
