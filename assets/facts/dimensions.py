"""Copies a dimension table from staging: the same rows without file and line."""

from __future__ import annotations

from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Table
from assets.staging.columns import SOURCE_LINE


def dimension(table: Table, name: str) -> Table:
    """The contract of a staging table without file and line."""
    renamed = {
        "staging.entities": "facts.entities",
        "staging.deals": "facts.deals",
        "staging.sources": "facts.sources",
    }
    columns = []
    for c in table.columns:
        if c in SOURCE_LINE:
            continue
        target, _, key = c.refers_to.rpartition(".")
        if target in renamed:
            columns.append(
                Column(
                    c.name,
                    c.kind,
                    c.unit,
                    c.description,
                    required=c.required,
                    refers_to=f"{renamed[target]}.{key}",
                )
            )
        else:
            columns.append(Column(c.name, c.kind, c.unit, c.description, required=c.required, vocabulary=c.vocabulary))
    return Table(
        stage="facts",
        name=name,
        summary=table.summary,
        grain=table.grain,
        key=table.key,
        columns=tuple(columns),
        min_rows=table.min_rows,
        may_be_empty_because=table.may_be_empty_because,
    )


def dimension_step(table: Table) -> Step:
    """The step that copies the rows of the staging table of the same name."""
    source = f"staging.{table.name}"

    def build(inputs: Inputs) -> Built:
        return Built(table.conform(inputs.read(source)))

    return Step(table, (source,), build)
