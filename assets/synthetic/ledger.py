"""A made-up ledger as a folder of seeds, with the totals that a warehouse must find in it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from assets.contracts import staging
from assets.export.folder import whole
from assets.synthetic import others
from assets.synthetic.commitments import alternatives, pieces
from assets.synthetic.draws import Draws
from assets.synthetic.legs import NONE, legs
from assets.synthetic.parties import entities, parties
from assets.synthetic.power import capacity, power
from assets.synthetic.rows import known_days, rows, sources_per_day, terms
from assets.synthetic.totals import totals

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
TOTALS = "totals.json"
COPIED = ("assumptions", "scenarios")
"""Judgements of the project: a made-up ledger has none of its own."""
FIELDS = {t.name: [c for c in t.column_names if c not in {"source_file", "source_line"}] for t in staging.TABLES}
TENOR = "tenor_months_"


def write(size: int, seed: int, folder: Path) -> dict[str, Any]:
    """Write the seeds of a ledger of so many legs into a new or empty folder, whole or not at all.

    Returns the totals, as they stand in totals.json.
    Errors: `export.folder.Occupied`; EnvironmentFailure of the disk.
    """
    draws = Draws(size, seed)
    who, days = parties(size), known_days(size)
    made = legs(size, who, draws)
    known = rows(made, days.size, draws)
    held = terms(made, known, days, draws)
    found = power(made, known, held, days, draws)
    per_day = sources_per_day(known.size, days.size)
    granted, tranches = others.warrants(made, who, days)
    files = {
        "entities": entities(who),
        "sources": others.sources(days, per_day),
        "deals": others.deals(made, held, days, per_day),
        "capacity": capacity(made, found, who, days, per_day, draws),
        "financials": others.financials(made, who, draws),
        "prices": others.prices(granted, who, draws),
        "warrants": granted,
        "warrant_tranches": tranches,
        "cost_per_gw": others.costs(days),
        "claims": others.claims(who),
    }
    told = {
        "legs": size,
        "seed": seed,
        "rows_by_file": {n: frame.height for n, frame in files.items()}
        | {"commitments": known.size + int(alternatives(made, draws).sum())},
        "legs_by_rows": dict(enumerate(np.bincount(np.bincount(known.leg))[1:].tolist(), start=1)),
        "statements": int(made.is_statement.sum()),
        "parts": int((made.parent != NONE).sum()),
        **totals(made, held, found, who, _tenors()),
    }
    with whole(folder, replaces=None) as new:
        for name in COPIED:
            shutil.copyfile(SEEDS / f"{name}.csv", new / f"{name}.csv")
        for name, frame in files.items():
            _save(new, name, [frame])
        _save(new, "commitments", pieces(made, known, held, who, days, draws))
        (new / TOTALS).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return told


def _save(folder: Path, name: str, frames: Iterable[pl.DataFrame]) -> None:
    """One file, piece by piece; a column of the contract that a frame lacks is empty.

    Rules: Python writes, not Polars, whose error of a full disk has no number.
    """
    with (folder / f"{name}.csv").open("wb") as file:
        file.write((",".join(FIELDS[name]) + "\n").encode())
        for frame in frames:
            lacking = [pl.lit(None, pl.String).alias(c) for c in FIELDS[name] if c not in frame.columns]
            file.write(frame.with_columns(lacking).select(FIELDS[name]).write_csv(include_header=False).encode())


def _tenors() -> dict[str, int]:
    """Assumed periods by flow, from the judgements of the project."""
    with (SEEDS / "assumptions.csv").open(encoding="utf-8", newline="") as lines:
        named = {row["assumption_id"]: row["value"] for row in csv.DictReader(lines)}
    return {n.removeprefix(TENOR): int(v) for n, v in named.items() if n.startswith(TENOR)}
