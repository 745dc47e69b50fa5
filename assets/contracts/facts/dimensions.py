"""Entities, deals and sources: the staging contracts without file and line."""

from __future__ import annotations

from assets.contracts import staging
from assets.contracts.model import Column, Table


def _dimension(table: Table, name: str) -> Table:
    """A staging table carried over without its file columns."""
    renamed = {
        "staging.entities": "facts.entities",
        "staging.deals": "facts.deals",
        "staging.sources": "facts.sources",
    }
    columns = []
    for c in table.columns:
        if c in staging.SOURCE_LINE:
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


ENTITIES = _dimension(staging.ENTITIES, "entities")
DEALS = _dimension(staging.DEALS, "deals")
SOURCES = _dimension(staging.SOURCES, "sources")
