"""quality.vocabulary: every word of the closed vocabularies with its meaning."""

from __future__ import annotations

import polars as pl

from assets.core.step import Built, Inputs, Step
from assets.core.table import Column, Table
from assets.core.vocabulary import FLOW_GROUPS, VOCABULARIES

VOCABULARY = Table(
    stage="quality",
    name="vocabulary",
    summary="Every word of the closed vocabularies with its meaning.",
    grain="one row per vocabulary and word",
    key=("vocabulary", "word"),
    columns=(
        Column("vocabulary", "text", "", "name of the vocabulary", required=True),
        Column("word", "text", "", "the word", required=True),
        Column("position", "integer", "", "place in the vocabulary; firmness rises with it", required=True, at_least=1),
        Column("meaning", "text", "", "definition", required=True),
        Column("word_group", "text", "", "what a flow is: purchase, funding or contingent; empty for other words"),
    ),
)


def vocabulary() -> pl.DataFrame:
    """List every word.

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


STEP = Step(VOCABULARY, (), _build, "assets/core/vocabulary.py")
