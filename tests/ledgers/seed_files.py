"""The rows of the seed files as text, and writing them to files.

A file that a ledger does not list is written with its header and the minimum of rows that its contract requires, made
from the contract. Therefore a new seed needs no change of test ledgers.
Not here: the rows of a ledger (`smallest`, `small`, `random`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from assets.core.paths import SEEDS
from assets.scale.synthetic import least
from assets.staging.seeds import TABLES

Row = dict[str, str]

Seeds = dict[str, list[Row]]

CONTRACTS = {t.name: t for t in TABLES}

HEADERS = {name: least.fields(table) for name, table in CONTRACTS.items()}

FEW = {"simulation_draws": "50", "simulation_draws_history": "50", "null_shuffles": "3"}
"""Assumptions that make a build fast."""


def row(file: str, **cells: str) -> Row:
    """A row of a file; cells that are not given are empty, or the minimum that the contract requires."""
    assert cells.keys() <= set(HEADERS[file]), cells.keys() - set(HEADERS[file])
    return {c: least.cell(CONTRACTS[file].column(c), _first) for c in HEADERS[file]} | cells


def read(path: Path) -> list[Row]:
    """The rows of a seed."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def project(name: str) -> list[Row]:
    """The rows of a seed of the project."""
    return read(SEEDS / f"{name}.csv")


def save(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows of a seed atomically, since a sensor may read them."""
    written = path.with_suffix(".written")
    with written.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADERS[path.stem], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    written.replace(path)


def write(seeds: Seeds, folder: Path) -> Path:
    """Write the files of a ledger, and those that it does not list."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in whole(seeds).items():
        save(folder / f"{name}.csv", rows)
    return folder


def whole(seeds: Seeds) -> Seeds:
    """The ledger with every file of the contract."""
    found = dict(seeds)

    def held(file: str, column: str) -> str:
        return found[file][0][column] if found.get(file) else _first(file, column)

    for name, table in CONTRACTS.items():
        if name not in found:
            found[name] = least.rows(table, held)
    return found


def _first(file: str, column: str) -> str:
    """A cell of the first row that the contract gives for a file."""
    return least.cell(CONTRACTS[file].column(column), _first)


def change(folder: Path, name: str, key: Row, **cells: str) -> None:
    """Change cells of the rows that have these values."""
    path = folder / f"{name}.csv"
    rows = read(path)
    hit = [r for r in rows if key.items() <= r.items()]
    assert hit, f"no row of {name} has {key}"
    for found in hit:
        found.update(cells)
    save(path, rows)


def few_draws(folder: Path, few: Row = FEW) -> Path:
    """Change the assumptions of a ledger so that it builds fast."""
    for name, value in few.items():
        change(folder, "assumptions", {"assumption_id": name}, value=value)
    return folder
