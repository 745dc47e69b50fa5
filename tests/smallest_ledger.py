"""A valid ledger as small as can be, the rows of every seed as text, and how they become files.

Not here: random ledgers (`tests.random_ledger`), rows cut out of the real ledger (`tests.small_ledger`).
"""

from __future__ import annotations

import csv
from pathlib import Path

from assets.contracts.staging import TABLES
from assets.resources import DEFAULT_SEEDS

Row = dict[str, str]
Seeds = dict[str, list[Row]]
FEW = {"simulation_draws": "50", "simulation_draws_history": "50", "null_shuffles": "3"}
HEADERS = {t.name: [c for c in t.column_names if c not in {"source_file", "source_line"}] for t in TABLES}


def smallest() -> Seeds:
    """A valid ledger with one promise of 60 billion for a gigawatt: the ground for ledgers of a test's own.

    The buyer says that it will spend as much, so that the ledger can say whether it can pay; of the seller nothing is
    known.
    """
    told = {"evidence": "seen", "source_id": "s0"}
    known = {"deal_id": "d0", "known_from": "2025-01-01", "reading": "preferred", "qualifier": "exact", **told}
    return judgements() | {
        "sources": [row("sources", source_id="s0", publisher="A paper", title="News", kind="news_report")],
        "entities": [
            row("entities", entity_id="buyer", name="Buyer", kind="ai_lab"),
            row("entities", entity_id="seller", name="Seller", kind="chip_vendor", ticker="SELL"),
        ],
        "deals": [
            row("deals", deal_id="d0", name="Deal", announced_on="2025-01-01", description="a deal", source_id="s0")
        ],
        "capacity": [
            row(
                "capacity",
                leg_id="k0",
                provider_id="seller",
                user_id="buyer",
                view="site",
                power_basis="facility",
                gw="1",
                stage="announced",
                **known,
            )
        ],
        "commitments": [
            row(
                "commitments",
                leg_id="l0",
                payer_id="buyer",
                payee_id="seller",
                flow="compute_purchase",
                amount_usd="60000000000",
                certainty="contracted",
                capacity_leg_id="k0",
                is_statement="false",
                **known,
            )
        ],
        "financials": [
            row(
                "financials",
                entity_id="buyer",
                metric="revenue",
                unit="USD",
                period_start="2024-01-01",
                period_end="2024-12-31",
                value="4000000000",
                basis="reported",
                known_from="2025-02-01",
                **told,
            ),
            row(
                "financials",
                entity_id="buyer",
                metric="compute_spend",
                unit="USD",
                period_start="2025-01-01",
                period_end="2030-12-31",
                value="60000000000",
                basis="projected",
                known_from="2025-02-01",
                **told,
            ),
        ],
        "prices": [row("prices", ticker="SELL", date="2025-02-03", close="100", source_id="s0")],
        "warrants": [],
        "warrant_tranches": [],
        "cost_per_gw": [
            row(
                "cost_per_gw",
                estimate_id="g0",
                estimator="somebody",
                component="all_in",
                usd_per_gw="50000000000",
                known_from="2025-01-01",
                **told,
            )
        ],
        "claims": [
            row(
                "claims",
                claim_id="unmeasured",
                source_id="s0",
                subject="buyer",
                statement="it was said",
                measure="nothing",
                qualifier="exact",
                expected_value="1",
                unit="flag",
                as_of="2025-03-01",
            )
        ],
    }


def row(file: str, **cells: str) -> Row:
    """A row of a file; what is not given is empty."""
    assert cells.keys() <= set(HEADERS[file]), cells.keys() - set(HEADERS[file])
    return dict.fromkeys(HEADERS[file], "") | cells


def read(file: str) -> list[Row]:
    """The rows of a seed of the project."""
    with (DEFAULT_SEEDS / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(seeds: Seeds, folder: Path) -> Path:
    """Write the files of a ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in seeds.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, HEADERS[name], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def judgements() -> Seeds:
    """The assumptions and scenarios of the project, with few draws."""
    seeds = {name: read(name) for name in ("assumptions", "scenarios")}
    for judgement in seeds["assumptions"]:
        judgement["value"] = FEW.get(judgement["assumption_id"], judgement["value"])
    return seeds
