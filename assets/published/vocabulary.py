"""quality.vocabulary: every word that a seed may use, with its meaning."""

from __future__ import annotations

import polars as pl

from assets.contracts.quality import VOCABULARY
from assets.contracts.vocabulary import FLOW_GROUPS, VOCABULARIES
from assets.steps import Built, Inputs, Step


def vocabulary() -> pl.DataFrame:
    """Tell every word.

    Grain: one row per vocabulary and word, in the order in which the vocabulary lists them.
    """
    group = {word: name for name, flows in FLOW_GROUPS.items() for word in flows}
    rows = [
        (name, word, position, meaning, group.get(word) if name == "flow" else None)
        for name, words in VOCABULARIES.items()
        for position, (word, meaning) in enumerate(words.items(), start=1)
    ]
    return pl.DataFrame(rows, schema=VOCABULARY.polars_schema, orient="row")


def _build(_inputs: Inputs) -> Built:
    return Built(vocabulary())


STEP = Step(VOCABULARY, (), _build, "assets/contracts/vocabulary.py")
