"""scale: what only a ledger of millions of legs needs, chosen by size.

`large` is the size that runs and previews use (`assets.core.size.Size`): it splits tables into parts
(`partitioned_table`), judges them (`partitioned_gate`, `gate_in_sql`), runs work in this process or on a Dask cluster
(`executors`), and substitutes some functions (`reported_days`, `simulation_scope`). `synthetic` makes ledgers of any
size for tests. Not here: reading a table in frames, which every room may do (`Inputs.chunks`); the connection through
which Great Expectations judges a large frame (`assets.warehouse.gx_connection`).
"""
