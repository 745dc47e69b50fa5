"""What a ledger of millions of legs needs, and a small one never: all of it is chosen here, by size.

`large` is the size that a run and a preview give their inputs (`assets.core.size.Size`): it cuts tables into parts
(`partitioned_table`), has them judged (`partitioned_gate`, `gate_in_sql`), gives the work to this process or a Dask
cluster (`executors`), and puts other functions in the place of ordinary ones (`reported_days`, `simulation_scope`).
`synthetic` makes ledgers of any size to try it on. Not here: reading a table in frames, which every room may do
(`Inputs.chunks`); the connection by which Great Expectations judges a large frame (`assets.warehouse.gx_connection`).
"""
