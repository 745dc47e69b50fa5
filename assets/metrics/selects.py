"""The tables that are one SELECT each: every file of `sql/metrics/`, whose head is the contract.

What a table rests on are the tables that its SELECT names.
Not here: how a head reads (`assets.core.sql_header`).
"""

from __future__ import annotations

from assets.core import sql_files, sql_header
from assets.core.step import Built, Inputs, Step

STAGE = "metrics"


def step(name: str) -> Step:
    """The table of one file.

    Errors: ValueError that names file and line where the head is not a contract.
    """
    sql = sql_files.text(STAGE, name)
    table = sql_header.contract(STAGE, name, sql)

    def build(inputs: Inputs) -> Built:
        frame = inputs.query(sql)
        undescribed = [c for c in frame.columns if c not in table.column_names]  # the gate refuses them
        return Built(table.conform(frame).with_columns(frame[c] for c in undescribed))

    return Step(table, sql_files.tables_named(sql), build)


STEPS = tuple(step(name) for name in sql_files.names(STAGE))
