"""metrics: the answers. Each file of `sql/metrics/` is one table; each of `sql/metrics/claims/` measures one claim."""
