"""Every rule of the seeds' contracts accepts the ledger and rejects a mutant, also rules added later."""

from __future__ import annotations

import pytest

from tests.unit.gates.proof import prove, rules_of


@pytest.mark.parametrize(("table", "rule"), rules_of("raw", "staging"))
def test_rule_rejects(table, rule, ledger):
    prove(table, rule, ledger)
