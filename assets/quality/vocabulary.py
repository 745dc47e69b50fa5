"""quality.vocabulary: every word of the closed vocabularies with its meaning."""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.columns import text
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.core.vocabulary import FLOW_GROUPS, VOCABULARIES

VOCABULARY = Table(
    stage="quality",
    name="vocabulary",
    summary="Every word of the closed vocabularies with its meaning.",
    grain="one row per vocabulary and word",
    key=("vocabulary", "word"),
    columns=(
        text("vocabulary", "name of the vocabulary", required=True),
        text("word", "the word", required=True),
        fields.here("position", "place in the vocabulary; firmness rises with it"),
        text("meaning", "definition", required=True),
        text("word_group", "what a flow is: purchase, funding or contingent; empty for other words"),
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
