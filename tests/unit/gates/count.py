"""The number of rules, and of those proven to reject: `python -m tests.unit.gates.count`.

Proves every rule of every contract as the tests of this room do, and fails if one has no proof.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from tests.ledgers.memory import build
from tests.ledgers.real import with_few_draws
from tests.unit.gates.proof import TABLES, prove, rules_of


def rules() -> list[tuple[str, str]]:
    """Every rule of every contract, as table and rule: each is a separate test."""
    return rules_of(*dict.fromkeys(t.stage for t in TABLES.values()))


def main() -> int:
    """Prove all rules and print the counts."""
    proven, unproven = Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        ledger = build(with_few_draws(Path(folder)))
    for table, rule in rules():
        try:
            prove(table, rule, ledger)
        except AssertionError as error:
            unproven.append(f"{table} {rule}: {error}")
        else:
            proven[table.partition(".")[0]] += 1
    print("\n".join(unproven))
    print(", ".join(f"{stage} {count}" for stage, count in proven.items()))
    print(f"rules proven: {sum(proven.values())} of {len(rules())}")
    return 1 if unproven else 0


if __name__ == "__main__":
    raise SystemExit(main())
