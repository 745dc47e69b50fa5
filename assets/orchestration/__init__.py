"""The web UI as this project serves it: Dagster's own, behind a guard."""
