"""metrics.stress_scope: the entities in the stress test of a day, and their roles."""

from __future__ import annotations

import polars as pl

from assets.core import fields
from assets.core.columns import text
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.metrics.completeness import CELL, REASON
from assets.metrics.metric_rules import LANDMARKS, NOT_OUR_DATA
from assets.metrics.pairwise_dues import PAIR
from assets.metrics.stress_inputs import READS, ground

DEBTOR, ABSORBER, SINK = "debtor", "absorber", "sink"


def _role_wrong(frame: pl.DataFrame, read: Read) -> pl.Series:
    said = read("metrics.completeness").select(*CELL, "is_measurable")
    joined = frame.join(said, on=CELL, how="left", maintain_order="left")
    is_debtor, is_absorber = pl.col("role") == DEBTOR, pl.col("role") == ABSORBER
    wrong = (is_debtor & ~pl.col("is_measurable")) | (is_absorber & pl.col("is_measurable"))
    unknown = (is_debtor | is_absorber) & pl.col("is_measurable").is_null()
    return joined.select((wrong | unknown).fill_null(value=False)).to_series()


STRESS_SCOPE = Table(
    stage="metrics",
    name="stress_scope",
    summary=(
        "Who takes part in the stress test of a day: debtors can fall short; absorbers lose and are taken to pay all "
        "they owe; sinks only receive."
    ),
    grain="one row per day and entity that owes or is owed something in the stressed year",
    key=("as_of_date", "entity_id"),
    columns=(
        *fields.of("as_of_date", "entity_id"),
        text(
            "role",
            "debtor: its revenue is known and the ledger knows its outlays; absorber: its revenue"
            " is known, its outlays are not; sink: its revenue is not known",
            required=True,
            pattern="^(?:debtor|absorber|sink)$",
        ),
        text("why", "why it has this role", required=True),
    ),
    rules=(
        Rule(
            "debtors_have_coverage",
            ("entity_id", "role"),
            "an entity without revenue rows has no known means: it cannot be a debtor, nor an absorber",
            NOT_OUR_DATA,
            offends=lambda frame, read: (
                frame["role"].is_in([DEBTOR, ABSORBER]).fill_null(value=False)
                & ~frame["entity_id"].is_in(read("facts.revenue_coverage")["entity_id"].unique().implode())
            ),
            needs=("facts.revenue_coverage",),
        ),
        Rule(
            "debtors_are_measurable",
            ("as_of_date", "entity_id", "role"),
            "an entity that is not measurable absorbs losses: nothing says whether it falls short",
            NOT_OUR_DATA,
            offends=_role_wrong,
            needs=("metrics.completeness",),
        ),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may have nothing that falls due in the stressed year",
    hazards=(LANDMARKS, "a sink may owe a great deal: what it owes is left out because its means are not known"),
)


def scope(rows: pl.DataFrame, dues: pl.DataFrame, ahead: int) -> pl.DataFrame:
    """Debtors, absorbers and sinks of a day.

    Grain: as_of_date and entity that owes or is owed an amount in the stressed year in any scenario, or whose revenue
    is known. `rows` are those of `parties`.
    """
    is_due = (pl.col("obligations") != 0) & (pl.col("year") == pl.col("as_of_date").dt.year() + ahead)
    due = dues.filter(is_due).unique(["as_of_date", *PAIR]).with_columns(pl.col(PAIR).cast(pl.String))
    ends = pl.concat(
        [
            due.select("as_of_date", entity_id="payer_id", owes=True),
            due.select("as_of_date", entity_id="payee_id", owes=False),
        ]
    )
    found = ends.group_by("as_of_date", "entity_id").agg(pl.col("owes").any())
    means = rows.select("as_of_date", "entity_id", REASON, is_known=True).unique()
    joined = found.join(means, on=["as_of_date", "entity_id"], how="full", coalesce=True)
    is_known, is_measurable = pl.col("is_known").fill_null(value=False), pl.col(REASON).is_null()
    why = (
        pl.when(is_known & ~is_measurable)
        .then(
            pl.format(
                "its revenue is known, but {}; it is taken to pay all it owes, and what it loses is shown", REASON
            )
        )
        .when(is_known & pl.col("owes").fill_null(value=False))
        .then(pl.lit("owes in the stressed year, and its revenue is known or projected"))
        .when(is_known)
        .then(pl.lit("its revenue is known or projected; nothing that it owes in the stressed year is in the ledger"))
        .when(pl.col("owes"))
        .then(pl.lit("its revenue is not known: it is taken to receive only, and what it owes is left out"))
        .otherwise(pl.lit("only receives in the stressed year, and its revenue is not known"))
    )
    role = (
        pl.when(is_known & is_measurable)
        .then(pl.lit(DEBTOR))
        .when(is_known)
        .then(pl.lit(ABSORBER))
        .otherwise(pl.lit(SINK))
    )
    return STRESS_SCOPE.conform(joined.with_columns(role=role, why=why).sort("as_of_date", "entity_id"))


def _build(inputs: Inputs) -> Built:
    rows, dues, assumptions = ground(inputs)
    return Built(scope(rows, dues, int(assumptions["stress_years_ahead"])))


STEP = Step(STRESS_SCOPE, READS, _build)
