"""metrics.claims: each sentence of the founding article, measured by one SELECT of `sql/metrics/claims/`."""

from __future__ import annotations

from typing import Any

import polars as pl

from assets.core import fields, sql_files
from assets.core.columns import mixed, text
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.facts.assumptions import as_dict

CLAIMS = Table(
    stage="metrics",
    name="claims",
    summary="The sentences of the founding article, measured in the ledger as known on their day.",
    grain="one row per claim",
    key=("claim_id",),
    columns=(
        *fields.of("claim_id", "statement"),
        fields.here("as_of_date", "day on which it is measured"),
        fields.here("unit", vocabulary="claim_unit"),
        *fields.of("expected_low", "expected_value", "expected_high"),
        mixed("measured_value", "what the ledger says, in the unit of the claim"),
        text("verdict", "how the two compare", required=True, vocabulary="verdict"),
        text("explanation", "what was measured, from what, and other readings", required=True),
    ),
    hazards=("a verdict is a result: it says what the ledger holds, not whether the sentence is true",),
)

EXACT = 1e-9

FLAGS = ("loops", "flag")

UNBOUNDED = float("inf")


def verdict(claim: dict[str, Any], measured: float | None, confirmed_ratio: float, close_ratio: float) -> str:
    """Confirmed inside the stated bounds (for about: within `confirmed_ratio`); close within `close_ratio`.

    Rules: a missing bound is the value; an up_to has no floor, an at_least no ceiling. For about, a missing bound is
    widened by `confirmed_ratio`. Close is measured from the bounds. A true-or-false claim is never close. An
    unknown measurement gives not_measurable.
    """
    value, low, high = claim["expected_value"], claim["expected_low"], claim["expected_high"]
    if measured is None or (value is None and low is None and high is None):
        return "not_measurable"
    qualifier = claim["qualifier"]
    floor = next(v for v in (low, -UNBOUNDED if qualifier == "up_to" else None, value, high) if v is not None)
    ceiling = next(v for v in (high, UNBOUNDED if qualifier == "at_least" else None, value, low) if v is not None)
    yields = confirmed_ratio if qualifier == "about" else 0.0
    if _within(measured, floor, ceiling, yields if low is None else 0.0, yields if high is None else 0.0):
        return "confirmed"
    is_near = claim["unit"] not in FLAGS and _within(measured, floor, ceiling, close_ratio, close_ratio)
    return "close" if is_near else "contradicted"


def _within(measured: float, floor: float, ceiling: float, below: float, above: float) -> bool:
    """Whether a figure lies between two bounds, each widened by a ratio of itself and a rounding tolerance."""
    low = floor - abs(floor) * (below + EXACT) if floor > -UNBOUNDED else floor
    high = ceiling + abs(ceiling) * (above + EXACT) if ceiling < UNBOUNDED else ceiling
    return low <= measured <= high


def measured_claims(inputs: Inputs) -> pl.DataFrame:
    """Every claim with the measurement from the ledger.

    Grain: one row per claim. A claim without a SELECT, or whose SELECT returns no row, is not measurable and has a
    reason.
    """
    assumptions = as_dict(inputs.read("staging.assumptions"))
    written = set(sql_files.names("metrics", "claims"))
    rows = []
    for claim in inputs.read("staging.claims").iter_rows(named=True):
        measured, explanation = (
            None,
            "the legs or figures that the claim is about are not in the ledger on that day",
        )
        if claim["claim_id"] not in written:
            explanation = f"no measure is written: add sql/metrics/claims/{claim['claim_id']}.sql"
        else:
            answer = inputs.query(sql_files.text("metrics", "claims", claim["claim_id"]), {"as_of": claim["as_of"]})
            if answer.height:
                measured, explanation = answer["measured_value"][0], answer["explanation"][0] or explanation
        judged = verdict(claim, measured, assumptions["claim_confirmed_ratio"], assumptions["claim_close_ratio"])
        rows.append(
            {
                **claim,
                "as_of_date": claim["as_of"],
                "measured_value": measured,
                "verdict": judged,
                "explanation": explanation,
            }
        )
    schema = CLAIMS.polars_schema
    return pl.DataFrame([{c: r[c] for c in schema} for r in rows], schema=schema)


def _build(inputs: Inputs) -> Built:
    return Built(measured_claims(inputs))


STEP = Step(
    CLAIMS,
    (
        "staging.claims",
        "staging.assumptions",
        "staging.warrants",
        "staging.warrant_tranches",
        "facts.entities",
        "facts.commitments",
        "facts.capacity",
        "facts.financials",
        "metrics.headline",
    ),
    _build,
)
