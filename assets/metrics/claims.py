"""metrics.claims: each sentence of the founding article measured by one SELECT of `sql/metrics/claims/`, with a verdict."""

from __future__ import annotations

from typing import Any

import polars as pl

from assets import sqlfiles
from assets.contracts.metrics import CLAIMS
from assets.facts.assumptions import as_dict
from assets.steps import Built, Inputs, Step

EXACT = 1e-9
FLAGS = ("loops", "flag")


def verdict(claim: dict[str, Any], measured: float | None, confirmed_ratio: float, close_ratio: float) -> str:
    """Confirmed inside the stated bounds (or within `confirmed_ratio` for about), close within `close_ratio`, else contradicted.

    Rules: a missing bound follows from the qualifier: about spans the value by `confirmed_ratio`, up_to has no floor,
    at_least no ceiling, exact is the value. What is true or false is never close. Unknown is not_measurable.
    """
    if measured is None:
        return "not_measurable"
    value, low, high = claim["expected_value"], claim["expected_low"], claim["expected_high"]
    span = confirmed_ratio if claim["qualifier"] == "about" else 0.0
    reference = next((v for v in (value, high, low) if v is not None), None)
    if reference is None:
        return "not_measurable"
    if low is None:
        low = float("-inf") if claim["qualifier"] == "up_to" else reference - span * abs(reference)
    if high is None:
        high = float("inf") if claim["qualifier"] == "at_least" else reference + span * abs(reference)
    if low - EXACT * abs(low) <= measured <= high + EXACT * abs(high):
        return "confirmed"
    distance = min(abs(measured - low), abs(measured - high)) + span * abs(reference)
    is_near = claim["unit"] not in FLAGS and distance <= close_ratio * abs(reference)
    return "close" if is_near else "contradicted"


def measured_claims(inputs: Inputs) -> pl.DataFrame:
    """Every claim with what the ledger says.

    Grain: one row per claim. A claim without a SELECT, or whose SELECT gives no row, is not measurable and says why.
    """
    assumptions = as_dict(inputs.read("staging.assumptions"))
    written = set(sqlfiles.names("metrics", "claims"))
    rows = []
    for claim in inputs.read("staging.claims").iter_rows(named=True):
        measured, explanation = (
            None,
            "the legs or figures that the claim is about are not in the ledger on that day",
        )
        if claim["claim_id"] not in written:
            explanation = f"no measure is written: add sql/metrics/claims/{claim['claim_id']}.sql"
        else:
            answer = inputs.query(sqlfiles.text("metrics", "claims", claim["claim_id"]), {"as_of": claim["as_of"]})
            if answer.height:
                measured, explanation = answer["measured_value"][0], answer["explanation"][0] or explanation
        told = verdict(claim, measured, assumptions["claim_confirmed_ratio"], assumptions["claim_close_ratio"])
        rows.append(
            {
                **claim,
                "as_of_date": claim["as_of"],
                "measured_value": measured,
                "verdict": told,
                "explanation": explanation,
            }
        )
    schema = CLAIMS.polars_schema
    return pl.DataFrame([{c: r[c] for c in schema} for r in rows], schema=schema)


def _build(inputs: Inputs) -> Built:
    return Built(measured_claims(inputs))


STEPS = (
    Step(
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
    ),
)
