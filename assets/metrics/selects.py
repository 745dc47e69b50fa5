"""The tables that are one SELECT each: every file of `sql/metrics/`, whose header is the contract.

A table depends on the tables that its SELECT names.
Not here: reading a header (`assets.core.sql_header`).
"""

from __future__ import annotations

from assets.core import sql_files, sql_header
from assets.core.step import Built, Inputs, Step

STAGE = "metrics"


def step(name: str) -> Step:
    """The table of one file.

    Errors: ValueError with file and line if the header is not a valid contract.
    """
    sql = sql_files.text(STAGE, name)
    table = sql_header.contract(STAGE, name, sql)

    def build(inputs: Inputs) -> Built:
        frame = inputs.query(sql)
        undescribed = [c for c in frame.columns if c not in table.column_names]  # the gate refuses them
        return Built(table.conform(frame).with_columns(frame[c] for c in undescribed))

    return Step(table, sql_files.tables_named(sql), build)


STEPS = tuple(step(name) for name in sql_files.names(STAGE))
