"""analyst: what a person does with the ledger day by day: look at its state, ask why, see what changed, add and amend.

The rooms that only read (`status`, `diff`, `explain`) import neither Polars nor Dagster, so that an answer is there at
once.
Not here: options and the words of the command line (`assets.cli`).
"""
