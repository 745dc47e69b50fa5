"""Every rule of facts, metrics, quality and bi accepts the frames of the builders and rejects a mutant of each."""

from __future__ import annotations

import pytest

from tests.unit.gates.proof import prove, rules_of


@pytest.mark.parametrize(("table", "rule"), rules_of("facts", "metrics", "quality", "bi"))
def test_rule_rejects(table, rule, ledger):
    prove(table, rule, ledger)
