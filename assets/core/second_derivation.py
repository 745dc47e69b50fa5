"""The second derivation of a table, found by its name: `sql/checks/<table>.sql`, or `sql/checks/bi/<table>.sql`.

The SELECT computes the same figures another way. It reads `candidate`, the frame that is to become the table, and the
tables that the frame was built from. Each row that it returns is an offender.
Not here: how a SELECT is judged (`assets.gates.evaluate`).
"""

from __future__ import annotations

from collections.abc import Iterable

from assets.core import sql_files
from assets.core.rule import Rule
from assets.core.table import Table

FOLDERS = {"facts": ("checks",), "metrics": ("checks",), "bi": ("checks", "bi")}
"""The folder of the checks of a stage. The tables of the other stages are the seeds and have no second derivation."""


def rules(table: Table) -> tuple[Rule, ...]:
    """The rule that a table agrees with its second derivation; none if no file has its name."""
    folder = FOLDERS.get(table.stage)
    if folder is None or table.name not in sql_files.names(*folder):
        return ()
    sql = sql_files.text(*folder, table.name)
    file = f"sql/{'/'.join((*folder, table.name))}.sql"
    needs = tuple(name for name in sql_files.tables_named(sql) if name != table.full_name)
    native = {"type": "reconcile", "sql": sql}
    if table.stage == "bi":
        return (
            Rule(
                "second_derivation",
                tuple(table.column_names),
                "the same is derived a second time, another way",
                f"compare sql/bi/{table.name}.sql with {file}: one of them is wrong",
                scope="table",
                native=native,
                needs=needs,
            ),
        )
    return (
        Rule(
            "reconciles",
            table.key,
            f"{file} derives the same figures in another way and gives the rows that differ",
            "this is a defect of the builder or of sql/metrics: report it with the sample keys",
            scope="table",
            native=native,
            needs=needs,
        ),
    )


def strays(tables: Iterable[Table]) -> list[str]:
    """The files of `sql/checks` that have the name of no table: they would never run."""
    claimed = {(*FOLDERS[t.stage], t.name) for t in tables if t.stage in FOLDERS}
    found = [(*folder, name) for folder in dict.fromkeys(FOLDERS.values()) for name in sql_files.names(*folder)]
    return [f"sql/{'/'.join(place)}.sql" for place in found if place not in claimed]
