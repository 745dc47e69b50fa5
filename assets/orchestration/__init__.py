"""orchestration: the assets, runs and history of Dagster, and its web UI behind a guard."""
