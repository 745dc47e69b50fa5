"""A synthetic ledger as a folder of seeds, with the totals that a warehouse must compute from it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from assets.core.paths import SEEDS
from assets.core.table import Table
from assets.export.folder import whole
from assets.scale.synthetic import least, others
from assets.scale.synthetic.commitments import alternatives, pieces
from assets.scale.synthetic.draws import Draws
from assets.scale.synthetic.legs import NONE, legs
from assets.scale.synthetic.parties import entities, parties
from assets.scale.synthetic.power import capacity, power
from assets.scale.synthetic.rows import known_days, rows, sources_per_day, terms
from assets.scale.synthetic.totals import totals
from assets.staging import seeds

TOTALS = "totals.json"

COPIED = ("assumptions", "scenarios")
"""Judgements that are copied from the project."""

CONTRACTS = {t.name: t for t in seeds.TABLES}

TENOR = "tenor_months_"


def write(size: int, seed: int, folder: Path) -> dict[str, Any]:
    """Write the seeds of a ledger with this number of legs into a new or empty folder, atomically.

    Returns the totals, as written to totals.json.
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
    summary = {
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
        for name in CONTRACTS.keys() - {*COPIED, *summary["rows_by_file"]}:
            _save(new, name, [_least(new, CONTRACTS[name])])
        (new / TOTALS).write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return summary


def _save(folder: Path, name: str, frames: Iterable[pl.DataFrame]) -> None:
    """Write one file, piece by piece; a missing column is empty, or has the minimum that the contract requires.

    Rules: Python writes the file, because the error of Polars for a full disk has no error number.
    """
    fields = least.fields(CONTRACTS[name])
    with (folder / f"{name}.csv").open("wb") as file:
        file.write((",".join(fields) + "\n").encode())
        for frame in frames:
            lacking = [CONTRACTS[name].column(c) for c in fields if c not in frame.columns]
            added = {c.name: pl.lit(least.cell(c, partial(_held, folder)) or None, pl.String) for c in lacking}
            file.write(frame.with_columns(**added).select(fields).write_csv(include_header=False).encode())


def _least(folder: Path, table: Table) -> pl.DataFrame:
    """The rows of a file without a generator: as many as its contract requires."""
    made = [{c: cell or None for c, cell in row.items()} for row in least.rows(table, partial(_held, folder))]
    return pl.DataFrame(made, schema=dict.fromkeys(least.fields(table), pl.String))


def _held(folder: Path, file: str, column: str) -> str:
    """A value in a file of the ledger: from its first row, or from the first row that it will have."""
    path = folder / f"{file}.csv"
    if not path.exists():
        return least.cell(CONTRACTS[file].column(column), partial(_held, folder))
    with path.open(encoding="utf-8", newline="") as lines:
        return next(csv.DictReader(lines))[column]


def _tenors() -> dict[str, int]:
    """Assumed periods by flow, from the judgements of the project."""
    with (SEEDS / "assumptions.csv").open(encoding="utf-8", newline="") as lines:
        named = {row["assumption_id"]: row["value"] for row in csv.DictReader(lines)}
    return {n.removeprefix(TENOR): int(v) for n, v in named.items() if n.startswith(TENOR)}
