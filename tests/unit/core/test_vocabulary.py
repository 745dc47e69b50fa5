"""The vocabularies are closed, each word with its definition, and the code uses no other word."""

from __future__ import annotations

import csv
import re

import pytest

from assets.cli.options import PROJECT, SEEDS
from assets.core import vocabulary
from assets.core.vocabulary import VOCABULARIES

BY_WORD = ("tenor_months_", "capacity_max_", "stress_shock_ratio_", "warrant_grid_")
"""Assumptions that code finds by a word of another vocabulary, or by their prefix."""


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_word_has_a_definition_and_one_form(name):
    for word, meaning in VOCABULARIES[name].items():
        assert re.fullmatch(r"[a-z0-9_]+|USD|GW", word), word
        assert meaning.strip(), word
        assert not meaning.endswith("."), word


def test_groups_of_words_are_words():
    flows, certainties = set(VOCABULARIES["flow"]), set(VOCABULARIES["certainty"])
    groups = (set(vocabulary.PURCHASES), set(vocabulary.FUNDING), set(vocabulary.CONTINGENT))
    assert set.union(*groups) == flows
    assert sum(len(g) for g in groups) == len(flows)
    assert set(vocabulary.CERTAINTIES_IN_FORCE) == certainties - {"cancelled"}
    assert set(vocabulary.EVIDENCE_RANK) == set(VOCABULARIES["evidence"])
    assert set(vocabulary.COMPONENT_OF_FLOW) <= set(vocabulary.PURCHASES)
    assert set(vocabulary.COMPONENT_OF_FLOW.values()) <= set(VOCABULARIES["component"])


def test_every_flow_has_a_tenor_and_every_view_an_upper_bound():
    assumed = VOCABULARIES["assumption"]
    assert {f"tenor_months_{flow}" for flow in VOCABULARIES["flow"]} <= set(assumed)
    assert {f"capacity_max_{view}_gw" for view in VOCABULARIES["view"]} <= set(assumed)


def test_every_certainty_in_force_has_a_probability():
    parameters = VOCABULARIES["scenario_parameter"]
    assert {f"p_{certainty}" for certainty in vocabulary.CERTAINTIES_IN_FORCE} <= set(parameters)


def column(file: str, name: str) -> list[str]:
    with (SEEDS / f"{file}.csv").open(encoding="utf-8", newline="") as rows:
        return [row[name] for row in csv.DictReader(rows)]


def test_every_judgement_of_the_seeds_is_defined_and_every_definition_has_its_judgement():
    written, defined = set(column("assumptions", "assumption_id")), set(VOCABULARIES["assumption"])
    assert written - defined == set(), "define it in assets/core/vocabulary.py: then a build says when it is missing"
    assert defined - written == set(), "nothing in seeds/assumptions.csv"


def test_the_scenarios_are_all_there():
    assert set(column("scenarios", "scenario_id")) == set(VOCABULARIES["scenario"])


def test_every_judgement_is_read_by_code_or_sql():
    files = [*(PROJECT / "assets").rglob("*.py"), *(PROJECT / "sql").rglob("*.sql")]
    code = "\n".join(p.read_text(encoding="utf-8") for p in files if p.name != "vocabulary.py")
    assert [a for a in VOCABULARIES["assumption"] if a not in code and not a.startswith(BY_WORD)] == []
