"""The rules of the tables of `bi`: rows equal those of their origin, and labels match their ids.

Every rule is a SELECT that returns the rows that differ.
Not here: keys, ranges and references, which follow from the columns as for any table (`assets.core.column_rules`), and
second derivations (`assets.core.second_derivation`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assets.core.rule import Rule
from assets.core.table import Table
from assets.warehouse.identifiers import literal, qualified, quoted

NOBODY = ("none", "undisclosed", "unknown")
"""Written in place of an unknown id or country, so that a tool can group by it."""

LABELS = {
    "counterparty_id": "counterparty",
    "customer_id": "customer",
    "deal_id": "deal",
    "entity_id": "entity",
    "holder_id": "holder",
    "issuer_id": "issuer",
    "payee_id": "payee",
    "payer_id": "payer",
    "provider_id": "provider",
    "shocked_entity_id": "shocked_entity",
    "supplier_id": "supplier",
    "user_id": "consumer",
}
"""The column that holds the name of an id."""

NAMES = {"bi.dim_entity": "entity", "bi.dim_deal": "deal"}
"""The column of a dimension that holds the names."""


def rules(table: Table, origins: Sequence[Table], own: Collection[str]) -> tuple[Rule, ...]:
    """The rules of a table of `bi` beyond those of its columns.

    `origins` are the tables whose rows it shows, `own` the columns whose meaning differs from the origin's.
    """
    found = [_same_rows(table, origin, own) for origin in origins]
    labels = [i for i, label in LABELS.items() if {i, label} <= set(table.column_names)]
    if labels and table.full_name not in NAMES:
        found.append(_labels(table, labels))
    return tuple(found)


def _same_rows(table: Table, origin: Table, own: Collection[str]) -> Rule:
    """The table has the rows of its origin with the same values: no join loses or doubles a row or changes a figure."""
    shared = [c for c in table.column_names if c in origin.column_names and c not in own]
    key = [c for c in origin.key if c in shared]
    if list(origin.key) != key:
        raise ValueError(f"sql/bi/{table.name}.sql: 'Rows: {origin.full_name}' needs its key ({', '.join(origin.key)})")
    meet = " AND ".join(f"c.{quoted(k)} IS NOT DISTINCT FROM o.{quoted(k)}" for k in key)
    differs = " OR ".join(_differs(table, c) for c in shared if c not in key) or "false"
    keys = ", ".join(f"coalesce(c.{quoted(k)}, o.{quoted(k)}) AS {quoted(k)}" for k in key)
    first = quoted(key[0])
    sql = f"""
        SELECT {keys} FROM (SELECT *, true AS "(is here)" FROM candidate) AS c
        FULL JOIN (SELECT *, true AS "(is here)" FROM {qualified(origin.full_name)}) AS o ON {meet}
        WHERE c."(is here)" IS NULL OR o."(is here)" IS NULL OR {differs} ORDER BY {first}
    """  # noqa: S608 - quoted names
    return _rule(
        f"same_rows:{origin.full_name}",
        tuple(shared),
        f"it shows every row of {origin.full_name} once, with the same values",
        f"correct the SELECT of sql/bi/{table.name}.sql: a join loses or doubles rows, or a column is changed",
        sql,
        origin.full_name,
    )


def _differs(table: Table, column: str) -> str:
    """Whether a value differs from the origin's; a word may replace an unknown id."""
    shown, known = f"c.{quoted(column)}", f"o.{quoted(column)}"
    if table.column(column).kind != "text":
        return f"{shown} IS DISTINCT FROM {known}"
    words = ", ".join(map(literal, NOBODY))
    return f"({shown} IS DISTINCT FROM {known} AND NOT ({known} IS NULL AND {shown} IN ({words})))"


def _labels(table: Table, ids: Sequence[str]) -> Rule:
    """The name next to an id is the name of that entity or deal."""
    targets = {i: table.column(i).refers_to for i in ids}
    return _rule(
        "labels",
        tuple(c for i in ids for c in (i, LABELS[i])),
        "the name next to an id is the name of that entity or deal",
        f"correct the joins of sql/bi/{table.name}.sql",
        " UNION ALL ".join(_other_names(i, refers_to) for i, refers_to in targets.items()),
        *dict.fromkeys(refers_to.rpartition(".")[0] for refers_to in targets.values()),
    )


def _other_names(column: str, refers_to: str) -> str:
    """The ids of a column whose label differs from the name in the dimension."""
    dimension, _, key = refers_to.rpartition(".")
    value, label = f"c.{quoted(column)}", f"c.{quoted(LABELS[column])}"
    known = f"SELECT {quoted(key)} AS id, {quoted(NAMES[dimension])} AS name FROM {qualified(dimension)}"  # noqa: S608 - quoted
    return (
        f"SELECT DISTINCT {literal(column)} AS id, {value} AS value, {label} AS label, e.name "  # noqa: S608 - quoted
        f"FROM candidate AS c LEFT JOIN ({known}) AS e ON {value} = e.id WHERE {label} IS DISTINCT FROM e.name"
    )


def _rule(name: str, columns: tuple[str, ...], reason: str, remedy: str, sql: str, *needs: str) -> Rule:
    return Rule(name, columns, reason, remedy, scope="table", native={"type": "reconcile", "sql": sql}, needs=needs)
