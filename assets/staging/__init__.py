"""staging: the seeds with types. One module per seed holds its contract."""
