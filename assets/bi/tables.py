"""The tables of schema `bi`, for drag-and-drop tools: one question per table, labels next to ids.

A file of `sql/bi` is one SELECT over the gated tables, and a step like any other. Its header is the contract
(`assets.core.sql_header`); the summary is the question that it answers. A column that the header does not describe
keeps its meaning in the tables read; `WORDS` defines the rest. They are tables, not views, so that a tool need not join
on every drag. Not here: the comparison with the origin (`assets.bi.checks`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assets.bi import checks
from assets.core import sql_files, sql_header
from assets.core.sql_header import COLUMNS, Header, tables_read
from assets.core.step import Built, Inputs, Step
from assets.core.table import DUCKDB_TYPES, Column, Kind, Table
from assets.warehouse.select_schema import described

FOLDER = STAGE = "bi"

DIMENSION = "dim_"

KINDS: Mapping[str, Kind] = {name: kind for kind, name in DUCKDB_TYPES.items()}

STAR: Mapping[str, str] = {
    "certainty": "bi.dim_certainty.certainty",
    "counterparty_id": "bi.dim_entity.entity_id",
    "customer_id": "bi.dim_entity.entity_id",
    "deal_id": "bi.dim_deal.deal_id",
    "entity_id": "bi.dim_entity.entity_id",
    "evidence": "bi.dim_evidence.evidence",
    "flow": "bi.dim_flow.flow",
    "holder_id": "bi.dim_entity.entity_id",
    "issuer_id": "bi.dim_entity.entity_id",
    "payee_id": "bi.dim_entity.entity_id",
    "payer_id": "bi.dim_entity.entity_id",
    "provider_id": "bi.dim_entity.entity_id",
    "scenario_id": "bi.dim_scenario.scenario_id",
    "shocked_entity_id": "bi.dim_entity.entity_id",
    "source_id": "bi.dim_source.source_id",
    "supplier_id": "bi.dim_entity.entity_id",
    "user_id": "bi.dim_entity.entity_id",
    "view": "bi.dim_view.view",
}
"""The dimension that holds every value of a key; days are in bi.dim_day."""

WORDS: Mapping[str, tuple[str, str]] = {
    "certainty": ("", "how firm a promise is"),
    "certainty_meaning": ("", "definition of the certainty"),
    "certainty_rank": ("", "firmness: 1 is rumoured, the higher the firmer"),
    "consumer": ("", "name of who uses the power"),
    "counted_twice_usd": ("USD", "part of the amount that other promises of the ledger contain"),
    "counterparty": ("", "name of the other party, none if there is none"),
    "country": ("", "country, unknown if it is not known"),
    "customer": ("", "name of who buys"),
    "day": ("day", "calendar day"),
    "deal": ("", "name of the deal"),
    "deal_description": ("", "the deal in a sentence"),
    "entity": ("", "name of the entity"),
    "entity_id": ("", "the entity; undisclosed and none stand for somebody unnamed and for nobody"),
    "entity_kind": ("", "what the entity does"),
    "evidence": ("", "how well the source was checked"),
    "evidence_meaning": ("", "definition of the evidence"),
    "evidence_rank": ("", "place in the vocabulary"),
    "first_year_short": (
        "",
        "first year of a shortfall; none by the last simulated year; not measurable: the ledger cannot say",
    ),
    "flow": ("", "what is paid for"),
    "flow_group": ("", "purchase, funding or contingent"),
    "flow_meaning": ("", "definition of the flow"),
    "flow_rank": ("", "place in the vocabulary"),
    "holder": ("", "name of who holds the warrant"),
    "in_force_until": ("day", "day on which a newer row begins, empty while there is none"),
    "is_current": ("", "true while nothing newer is known"),
    "is_last": ("", "true for the last month, which ends on the last day that the ledger knows"),
    "is_month_end": ("", "true for the last day of a month"),
    "issuer": ("", "name of who granted the warrant"),
    "month_end": ("day", "last day of the month; in the last month, the last day that the ledger knows"),
    "month_of_year": ("", "month, 1 to 12"),
    "month_start": ("day", "first day of the month"),
    "payee": ("", "name of who is paid"),
    "payee_kind": ("", "what the payee does"),
    "payer": ("", "name of who pays"),
    "payer_kind": ("", "what the payer does"),
    "provider": ("", "name of who provides the power or the chips"),
    "quarter_of_year": ("", "quarter, 1 to 4"),
    "quarter_start": ("day", "first day of the quarter"),
    "shocked_entity": ("", "name of the entity that loses revenue or funding, none if there is no shock"),
    "source": ("", "publisher of the source"),
    "source_kind": ("", "kind of the source"),
    "source_title": ("", "title of the source"),
    "source_url": ("", "address of the source, empty if there is none"),
    "supplier": ("", "name of who sells"),
    "user_id": ("", "who uses the power, undisclosed if not named"),
    "view": ("", "side from which power is described"),
    "view_meaning": ("", "definition of the view"),
    "view_rank": ("", "place in the vocabulary"),
    "year": ("", "calendar year"),
}

OWN = {"capacity": {"country", "user_id"}, "dim_entity": {"country", "entity_id"}}
"""Columns whose meaning differs from that of the same name in the query: `WORDS` defines them."""


def steps(known: Sequence[Table]) -> tuple[Step, ...]:
    """Every table of `bi` as a step; its contract is derived from the SELECT.

    `known` are the contracts of the tables that the SELECTs may read. Errors: ValueError for an incomplete header, and
    for a column without a meaning.
    """
    selects = {name: sql_files.text(FOLDER, name) for name in sql_files.names(FOLDER)}
    columns = described(selects, known)
    return tuple(_step(n, sql, columns[n], known) for n, sql in selects.items())


def _step(name: str, sql: str, columns: Mapping[str, str], known: Sequence[Table]) -> Step:
    table = _contract(name, sql, columns, known)

    def build(inputs: Inputs) -> Built:
        return Built(inputs.collected(map(table.conform, inputs.select(sql))))

    return Step(table, tuple(t.full_name for t in tables_read(sql, known)), build)


def _contract(name: str, sql: str, columns: Mapping[str, str], known: Sequence[Table]) -> Table:
    header = sql_header.read(sql, f"sql/bi/{name}.sql")
    read = tables_read(sql, known)
    origins = [t for t in read if t.full_name == header.rows]
    if header.rows and not origins:
        header.refuse("Rows", f"the header says 'Rows: {header.rows}', which it does not read")
    if header.latest:
        header.refuse("Latest day", "only a table of metrics has a macro of its own: remove 'Latest day:'")
    if unknown := sorted({c.name for c in header.columns} - set(columns)):
        header.refuse(COLUMNS, f"the header describes {', '.join(unknown)}, which the SELECT does not give")
    if odd := [f"{c} ({kind})" for c, kind in columns.items() if kind not in KINDS]:
        header.refuse(COLUMNS, f"no column may be of another type than {', '.join(KINDS)}: cast {', '.join(odd)}")
    table = Table(
        stage=STAGE,
        name=name,
        summary=header.summary,
        grain=header.grain,
        columns=tuple(_column(name, c, KINDS[kind], read, origins, header) for c, kind in columns.items()),
        key=header.key,
        hazards=header.hazards,
        min_rows=1 if name.startswith(DIMENSION) else 0,
        may_be_empty_because="" if name.startswith(DIMENSION) else "it is as empty as what it shows",
    )
    return table.with_rules(checks.rules(table, origins, OWN.get(name, set())))


def _column(
    table: str, name: str, kind: Kind, read: Sequence[Table], origins: Sequence[Table], header: Header
) -> Column:
    """A column as described by the header or its origin; required if in the key, or required in the origin."""
    is_key = name in header.key
    dimension = STAR.get(name, "")
    refers_to = "" if dimension.startswith(f"{STAGE}.{table}.") else dimension
    described_here = next((c for c in header.columns if c.name == name), None)
    if described_here:
        if described_here.kind != kind:
            header.refuse(COLUMNS, f"column {name}: the header says {described_here.kind}, the SELECT gives {kind}")
        is_required = is_key or described_here.required
        return replace(described_here, required=is_required, refers_to=refers_to or described_here.refers_to)
    origin = next((t.column(name) for t in read if name in t.column_names), None)
    if origin is None or name in OWN.get(table, ()):
        if name not in WORDS:
            header.refuse(COLUMNS, f"column {name} has no meaning: write '{name}: {kind}; ...' below 'Columns:'")
        unit, description = WORDS[name]
        return Column(name, kind, unit, description, required=is_key, refers_to=refers_to)
    is_copied = any(name in t.column_names and t.column(name).required for t in origins)
    return replace(origin, kind=kind, required=is_key or is_copied, refers_to=refers_to)
