"""How a table of things is carried over from staging: the same rows without their file columns."""

from __future__ import annotations

from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Table
from assets.staging.columns import SOURCE_LINE

CARRIED = ("staging.entities.", "staging.deals.", "staging.sources.")


def carried(table: Table) -> tuple[Column, ...]:
    """The columns of a staging table but file and line, with references to facts where these have the rows."""
    return tuple(_in_facts(c) for c in table.columns if c not in SOURCE_LINE)


def _in_facts(column: Column) -> Column:
    """The column without what was judged in staging, referring to the table of facts that has the rows."""
    refers_to = column.refers_to.replace("staging.", "facts.") if column.refers_to.startswith(CARRIED) else ""
    return Column(
        column.name,
        column.kind,
        column.unit,
        column.description,
        required=column.required,
        refers_to=refers_to,
        vocabulary=column.vocabulary,
    )


def dimension(table: Table, name: str) -> Table:
    """A staging table carried over without its file columns."""
    return Table(
        stage="facts",
        name=name,
        summary=table.summary,
        grain=table.grain,
        key=table.key,
        columns=carried(table),
        min_rows=table.min_rows,
        may_be_empty_because=table.may_be_empty_because,
    )


def dimension_step(table: Table) -> Step:
    """The step that carries over the rows of the staging table of the same name."""
    source = f"staging.{table.name}"

    def build(inputs: Inputs) -> Built:
        return Built(table.conform(inputs.read(source)))

    return Step(table, (source,), build)
