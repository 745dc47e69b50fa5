"""A small valid ledger: a few legs of the real seeds and everything that they refer to, so that whole runs are fast.

The rows are real ones, selected by the foreign keys of the contracts: a column that refers to another table adds the
referenced rows. A file without chosen or referenced rows has its first rows, as many as its contract requires.
"""

from collections.abc import Callable, Collection
from pathlib import Path

from assets.staging.seeds import TABLES
from tests.ledgers import seed_files
from tests.ledgers.seed_files import Row

LEGS = {
    "l_amd_6gw",
    "l_amd_first_gw",
    "l_amd_warrant",
    "l_nvidia_loi",
    "l_nvidia_loi_first",
    "l_nvidia_chips",
    "l_stargate_program",
    "l_abilene_build",
    "l_amd_anthropic_chips",
    "l_amd_anthropic_equity",
    "l_xai_spv_chips",
    "l_broadcom_10b_order",
    "l_aws_total",
    "l_aws_38b",
    "l_aws_100b",
}

FIGURES = {
    ("openai", "revenue"),
    ("openai", "cash"),
    ("anthropic", "revenue"),
    ("anthropic", "annualised_revenue_run_rate"),
    ("amd", "revenue"),
    ("amd", "shares_outstanding"),
}

SPENDING = ("openai", "compute_spend", "2025-09-06")
"""OpenAI's stated spending, known on a day on which the few legs cover enough of it: OpenAI is measurable. No such
figure is kept for Anthropic, which is not measurable.
"""

KEPT: dict[str, Callable[[Row], bool]] = {
    "assumptions": lambda _: True,
    "scenarios": lambda _: True,
    "commitments": lambda r: r["leg_id"] in LEGS,
    "financials": lambda r: (
        (r["entity_id"], r["metric"]) in FIGURES or (r["entity_id"], r["metric"], r["known_from"]) == SPENDING
    ),
    "prices": lambda r: r["ticker"] == "AMD" and r["date"] <= "2025-10-14",
    "warrants": lambda r: r["warrant_id"] == "w_amd_openai",
    "warrant_tranches": lambda r: r["warrant_id"] == "w_amd_openai",
    "cost_per_gw": lambda r: r["known_from"] <= "2025-12-31",
    "claims": lambda r: r["claim_id"] in {"nvidia_amd_capacity", "amd_warrant_share", "revenue_h1_2025"},
}
"""The chosen rows; other files have only the rows that these refer to."""


def write(folder: Path, also: Collection[str] = ()) -> Path:
    """Write the seeds of the small ledger into a folder, with further promises if given."""
    files = {t.name: seed_files.project(t.name) for t in TABLES}
    chosen = {n: [r for r in rows if KEPT.get(n, lambda _: False)(r)] for n, rows in files.items()}
    chosen["commitments"] += [r for r in files["commitments"] if r["leg_id"] in also]
    _follow_references(files, chosen)
    for table in TABLES:
        chosen[table.name] = chosen[table.name] or files[table.name][: table.min_rows]
    _follow_references(files, chosen)
    return seed_files.write({n: sorted(rows, key=files[n].index) for n, rows in chosen.items()}, folder)


def _follow_references(files: seed_files.Seeds, chosen: seed_files.Seeds) -> None:
    """Add the rows that a chosen row refers to."""
    references = [
        (t.name, c.name, *c.refers_to.removeprefix("staging.").split("."))
        for t in TABLES
        for c in t.columns
        if c.refers_to
    ]
    grown = True
    while grown:
        grown = False
        for name, column, target, key in references:
            wanted = {r[column] for r in chosen[name]} - {r[key] for r in chosen[target]} - {""}
            found = [r for r in files[target] if r[key] in wanted]
            chosen[target] += found
            grown = grown or bool(found)
