"""What the contracts of the two simulated tables share."""

from __future__ import annotations

from assets.core.table import Column

PERCENTS = (5, 25, 50, 75, 95)

COVERAGE_QUANTILES = tuple(f"p{p:02d}" for p in PERCENTS)

GAP_QUANTILES = tuple(f"funding_gap_p{p:02d}_usd" for p in PERCENTS)

SURE_FIGURES = (*GAP_QUANTILES, "probability_of_shortfall", "draws_due", "draws")

COVERAGE_FIGURES = (*COVERAGE_QUANTILES, *SURE_FIGURES)

SHORTFALL_FIGURES = ("probability", "draws")
"""What is given of an entity only if the ledger knows enough of it (metrics.completeness)."""

KEY = ("as_of_date", "scenario_id", "entity_id")

ENTITY = Column(
    "entity_id",
    "text",
    "",
    "who owes and earns; entities with a year of unknown revenue are left out",
    required=True,
    refers_to="facts.entities.entity_id",
)

DRAWS = Column("draws", "integer", "", "how many draws", at_least=1)

DAYS = (
    "on the last day of knowledge and every quarter end before it (from assumption simulation_first_year on); "
    "the quarter ends may have fewer draws (assumption simulation_draws_history)"
)

NOT_ASKED = "no figure of an entity whose outlays the ledger does not know (not_measurable_because): not zero, not safe"
