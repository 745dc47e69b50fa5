"""The generated parts of the documents, from the code, the contracts and the published file."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path

import click

from assets import catalog
from assets.cli.main import cli
from assets.core.table import Column, Table
from assets.core.vocabulary import VOCABULARIES
from assets.quality import own_tables
from tests.integration.docs.markdown import table
from tests.integration.docs.sandbox import Sandbox
from tests.performance import results
from tests.places import PROJECT

README = PROJECT / "README.md"

BENCH = PROJECT / "tests" / "performance" / "README.md"

WIDTH = 120

STAGES = ("facts", "metrics", "quality")

QUANTITIES = ("number", "integer")

FORMS = {"text": "text", "number": "number", "integer": "whole number", "date": "YYYY-MM-DD", "flag": "true or false"}

ANSWER = """
select
    h.net_commitment_usd, h.annualised_revenue_usd, h.commitment_coverage_ratio,
    h.commitment_coverage_ratio_with_imputed, h.rumoured_share,
    c.total_usd, c.circular_share, n.null_mean, r.year, r.obligations_usd, r.coverage_ratio, p.last_known_on
from (select max(last_known_on) as last_known_on from quality.publications) as p
cross join (from bi.headline where is_current and entity_id = 'openai') as h
cross join (
    from metrics.circularity where basis = 'disclosed' and amount_basis = 'point' order by as_of_date desc limit 1
) as c
join metrics.circularity_null as n
    on c.as_of_date = n.as_of_date and c.basis = n.basis and c.amount_basis = n.amount_basis
join bi.revenue_coverage as r
    on r.is_current and r.entity_id = 'openai' and r.scenario_id = 'base' and r.year = year(p.last_known_on) + 1
"""


SENTENCES = """
As known on {day}, **OpenAI has promised {net}; its latest reported revenue is {revenue} a year, {ratio} of that**, or
{with_imputed} with our estimates for deals without a published price. The promises fall due over many years, and
{rumoured} of them are rumours.

**Of {total} of promised purchases, equity and debt, {share} could be passed in circles**; with shuffled payees it would
be {by_chance}. This is an upper bound from who promised whom. It does not show that any money moves in a circle.

**In {year}, projected revenue would cover {covered} of the {due} that OpenAI owes** in scenario `base`, before other
costs, funding and cash. The projections are published ones, extrapolated; how likely each kind of promise is to happen
is our judgement.
"""


def answer(sandbox: Sandbox) -> str:
    """The answer in three sentences, each with its limits."""
    ((net, revenue, ratio, with_imputed, rumoured, total, share, by_chance, year, due, covered, day),) = sandbox.ask(
        ANSWER
    )
    said = SENTENCES.format(
        day=day,
        year=year,
        net=_billions(net),
        revenue=_billions(revenue),
        total=_billions(total),
        due=_billions(due),
        ratio=_percent(ratio),
        with_imputed=_percent(with_imputed),
        rumoured=_percent(rumoured),
        share=_percent(share),
        by_chance=_percent(by_chance),
        covered=_percent(covered),
    )
    return "\n\n".join(textwrap.fill(part, WIDTH, break_on_hyphens=False) for part in said.strip().split("\n\n"))


def _billions(usd: float) -> str:
    return f"${usd / 1e9:,.0f}bn"


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.1f} %"


def tables(_sandbox: Sandbox) -> str:
    """The tables that answer questions, from their contracts: grain, and quantities with units."""
    contracts = [s.table for s in catalog.STEPS.values()] + [table for table, _ in own_tables.OWN_TABLES]
    shown = sorted((t for t in contracts if t.stage in STAGES), key=lambda t: STAGES.index(t.stage))
    return table(
        ("table", "what it holds", "one row per", "quantities"),
        [(f"`{t.full_name}`", t.summary, _row(t), _quantities(t)) for t in shown],
    )


def _row(contract: Table) -> str:
    return contract.grain.removeprefix("one row ").removeprefix("per ")


def _quantities(contract: Table) -> str:
    by_unit: dict[str, list[str]] = {}
    for column in contract.columns:
        if column.kind in QUANTITIES and column.unit:
            by_unit.setdefault(column.unit, []).append(f"`{column.name}`")
    return "; ".join(f"{unit}: {', '.join(names)}" for unit, names in by_unit.items())


def macros(sandbox: Sandbox) -> str:
    """The table macros of the published file, each with the table that it reads."""
    rows = sandbox.ask(
        "select function_name, parameters, macro_definition from duckdb_functions() "
        "where not internal and function_type = 'table_macro' order by function_name",
    )
    lines = [f"`{name}({', '.join(parameters)})` for {_source(text)}" for name, parameters, text in rows]
    return f"{', '.join(lines)}."


def _source(sql: str) -> str:
    found = re.search(r"\b(?:facts|metrics)\.\w+", sql)
    return f"`{found[0]}`" if found else "several tables"


def bi(sandbox: Sandbox) -> str:
    """The tables of schema `bi`, each with its question."""
    rows = sandbox.ask(
        "select table_name, any_value(table_summary), any_value(grain), coalesce(any_value(hazards), '') "
        "from quality.dictionary where schema_name = 'bi' group by table_name "
        "order by starts_with(table_name, 'dim_'), table_name",
    )
    lines = [(f"`bi.{n}`", question, grain.removeprefix("one row per "), care) for n, question, grain, care in rows]
    return table(("table", "question", "one row per", "take care"), lines)


def commands(_sandbox: Sandbox) -> str:
    """The commands of `closedloop` with their options."""
    rows = []
    for name in cli.commands:
        command = cli.load(name)
        parameters = [p for p in command.params if not getattr(p, "hidden", False) and p.name not in {"help", "debug"}]
        rows.append((f"`{' '.join(['closedloop', name, *map(_usage, parameters)])}`", _help(command)))
    return table(("command", "what it does"), rows)


def _usage(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return f'"{parameter.human_readable_name}"' if parameter.name == "sql" else parameter.human_readable_name
    value = "" if getattr(parameter, "is_flag", False) else f" {parameter.metavar or str(parameter.name).upper()}"
    message = f"{max(parameter.opts, key=len)}{value}"
    return message if parameter.required else f"[{message}]"


def _help(command: click.Command) -> str:
    return (command.help or "").strip().split("\n\n")[0].replace("\n", " ")


def targets(_sandbox: Sandbox) -> str:
    """The targets of the Makefile."""
    text = (PROJECT / "Makefile").read_text(encoding="utf-8")
    return table(
        ("target", "what it does"),
        [(f"`make {name}`", result) for name, result in re.findall(r"^([a-z]+):.*## (.*)$", text, re.MULTILINE)],
    )


def faults(_sandbox: Sandbox) -> str:
    """The latest results of `make faults`."""
    found = json.loads((PROJECT / "tests" / "system" / "faults" / "results.json").read_text(encoding="utf-8"))
    return table(
        ("room", "fault", "times", "outcome", "promise"),
        [(r["room"], r["fault"], r["injected"], r["outcome"], "kept" if r["is_kept"] else "**broken**") for r in found],
        right=("times",),
    )


def bench(_sandbox: Sandbox | None = None) -> str:
    """The latest results of `make bench`."""
    rows = [
        (name, *astuple(row), f"{section.measured_on}, {section.machine}")
        for name, section in results.kept().items()
        for row in section.rows
    ]
    header = ("section", "what", "against", "ratio", "aim", "peak memory", "theirs", "measured")
    return table(header, rows, right=("ratio", "peak memory", "theirs"))


def mutants(_sandbox: Sandbox) -> str:
    """The number of code mutations that tests detected."""
    kept = json.loads((PROJECT / "tests" / "system" / "mutation" / "results.json").read_text(encoding="utf-8"))
    rows = []
    for module, found in kept.items():
        judged = found["tried"] - found["equivalent"]
        if judged:
            noticed = f"{found['killed']} of {judged}"
            rows.append((f"`{module}`", found["mutants"], found["tried"], found["equivalent"], noticed,
                         f"{100 * found['killed'] / judged:.0f} %"))  # fmt: skip
    for subject, is_finance in (("finance", True), ("gates", False)):
        found = [f for module, f in kept.items() if module.startswith("assets.finance.") == is_finance]
        killed, judged = sum(f["killed"] for f in found), sum(f["tried"] - f["equivalent"] for f in found)
        if judged:
            rows.append((f"**{subject}**", "", "", "", f"{killed} of {judged}", f"{100 * killed / judged:.0f} %"))
    header = ("module", "possible changes", "drawn", "cannot be noticed", "noticed", "score")
    return table(header, rows, right=header[1:])


def seed_files(_sandbox: Sandbox) -> str:
    """The files of seeds/ with grain and key."""
    return table(
        ("file", "what it holds", "one row per", "key"),
        [(f"[`{t.name}.csv`](#{t.name}csv)", t.summary, _row(t), _names(t.key)) for t in seed_tables()],
    )


def seed_columns(_sandbox: Sandbox) -> str:
    """Every column of every file of seeds/."""
    return "\n\n".join(f"### {t.name}.csv\n\n{_columns(t)}" for t in seed_tables())


def _columns(contract: Table) -> str:
    return table(
        ("column", "write", "must", "meaning"),
        [
            (f"`{c.name}`", _form(c), "yes" if c.required else "", f"{c.description}{_allowed(c)}")
            for c in fields(contract)
        ],
    )


def _form(column: Column) -> str:
    form = FORMS[column.kind]
    return f"{form}, {column.unit}" if column.unit not in {"", "mixed"} and column.kind in QUANTITIES else form


def _allowed(column: Column) -> str:
    if column.vocabulary:
        return f"; one of [{column.vocabulary}](#{column.vocabulary})"
    if column.refers_to:
        _, file, key = column.refers_to.split(".")
        return f"; must stand in `{file}.csv` as `{key}`"
    return ""


def vocabularies(_sandbox: Sandbox) -> str:
    """Every closed vocabulary that a seed uses, each word with its definition."""
    used: dict[str, list[str]] = {}
    for contract in seed_tables():
        for column in fields(contract):
            if column.vocabulary:
                used.setdefault(column.vocabulary, []).append(f"`{contract.name}.{column.name}`")
    return "\n\n".join(
        f"### {name}\n\nIn {_listed(used[name])}.\n\n"
        + table(("word", "means"), [(f"`{word}`", meaning) for word, meaning in VOCABULARIES[name].items()])
        for name in VOCABULARIES
        if name in used
    )


def seed_tables() -> list[Table]:
    """The contracts of the files of seeds/."""
    return [s.table for s in catalog.STEPS.values() if s.table.stage == "staging"]


def fields(contract: Table) -> Sequence[Column]:
    """The columns that a user writes, without file and line."""
    return [c for c in contract.columns if c.name not in {"source_file", "source_line"}]


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f"`{c}`" for c in columns)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


PARTS: Mapping[Path, Mapping[str, Callable[[Sandbox], str]]] = {
    README: {"answer": answer, "targets": targets},
    PROJECT / "sql" / "README.md": {"tables": tables, "macros": macros, "bi": bi},
    PROJECT / "seeds" / "README.md": {"files": seed_files, "columns": seed_columns, "vocabularies": vocabularies},
    PROJECT / "assets" / "cli" / "README.md": {"commands": commands},
    BENCH: {"bench": bench},
    PROJECT / "tests" / "system" / "faults" / "README.md": {"faults": faults},
    PROJECT / "tests" / "system" / "mutation" / "README.md": {"mutants": mutants},
}
"""Each document that has generated parts, with these by name."""

DOCUMENTS = (
    README,
    *(file for room in ("seeds", "sql", "assets", "tests") for file in sorted((PROJECT / room).rglob("README.md"))),
)
"""All pages that the front page links to."""
