"""facts: what the ledger says, built by Polars. Each module gives its tables as `STEPS`."""
