"""The tables that publishing itself makes, and what they are made of."""

from __future__ import annotations

from assets.quality.dictionary import DICTIONARY
from assets.quality.gate_results import GATE_RESULTS
from assets.quality.publications import PUBLICATIONS
from assets.quality.vocabulary import VOCABULARY

TABLES = (GATE_RESULTS, PUBLICATIONS, DICTIONARY, VOCABULARY)

OWN_TABLES = (
    (GATE_RESULTS, "the gate log beside the build file"),
    (PUBLICATIONS, "the publishing run"),
    (DICTIONARY, "the contracts of all tables"),
)
"""Tables that publishing itself makes, and what they are made of."""
