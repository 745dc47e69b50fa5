"""Damaged seeds and rules: every kind of damage gets its refusal, and every rule rejects a bad table.

The suite has the same cases as single tests (`tests/integration/bad_input`, `tests/unit/gates`); this room counts them
for the README.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets.cli.options import SEEDS
from tests.integration.bad_input import remembered
from tests.integration.bad_input.test_refusals import DAMAGES, pattern
from tests.ledgers.memory import build
from tests.ledgers.real import with_few_draws
from tests.system.faults.harness import Result
from tests.unit.gates.count import rules
from tests.unit.gates.proof import prove


def run(folder: Path) -> Iterator[Result]:
    """All damages, then all rules."""
    yield damages(folder)
    yield proofs(folder)


def damages(folder: Path) -> Result:
    """Each kind of damage to a copy of the real seeds, and the output of `closedloop check`."""
    wrong = []
    with pytest.MonkeyPatch.context() as patch:
        for damage in DAMAGES:
            seeds = shutil.copytree(SEEDS, folder / "seeds")
            lines = list(damage.harm(seeds / f"{damage.file}.csv"))
            text = remembered.refused(remembered.check(seeds, patch)[0])
            if not re.fullmatch(pattern(damage, lines), text):
                wrong.append(damage.name)
            shutil.rmtree(seeds)
    text = "each refused with file, line, rule, value and remedy" if not wrong else f"not as text: {', '.join(wrong)}"
    return Result("bad data", "a seed damaged, another kind of damage each time", len(DAMAGES), text, not wrong)


def proofs(folder: Path) -> Result:
    """Each rule of each contract, with a good table that it accepts and a bad one that it refuses."""
    ledger = build(with_few_draws(folder))
    unproven = []
    for table, rule in rules():
        try:
            prove(table, rule, ledger)
        except AssertionError as error:
            unproven.append(f"{table} {rule}: {error}")
    text = "every rule proven to refuse" if not unproven else f"not proven: {'; '.join(unproven)}"
    return Result("bad data", "a rule shown a good table, then a bad one", len(rules()), text, not unproven)
