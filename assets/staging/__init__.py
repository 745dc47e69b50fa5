"""staging: the seeds typed; one module a seed, its contract."""
