"""analysis: the daily work of an analyst: check the state, explain figures, compare days, add and amend promises.

Modules that only read (`status`, `changes`, `explain`) do not import Dagster, so that they start fast.
Not here: options and output of the command line (`assets.cli`).
"""
