"""metrics: the answers. One SELECT of `sql/metrics/` is one table; claims are measured one SELECT each."""
