"""Any valid ledger builds completely: every gate of every stage passes, and the invariants hold.

CLOSEDLOOP_RANDOM_LEDGERS=1000 tries 1000 ledgers; the suite tries a few.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings

from assets.core.vocabulary import PURCHASES
from tests.ledgers import seed_files
from tests.ledgers.memory import Ledger, build_through_gates, polars_alone
from tests.ledgers.random import ledgers

MANY = int(os.environ.get("CLOSEDLOOP_RANDOM_LEDGERS", "0"))

CENT, HAIR = 0.01, 1e-9

found_only = (Phase.explicit, Phase.generate)  # shrinking a ledger takes longer than reading it

slow = [HealthCheck.too_slow, HealthCheck.data_too_large]


def tries(count: int) -> settings:
    return settings(
        max_examples=MANY or count,
        derandomize=not MANY,
        deadline=None,
        suppress_health_check=slow,
        database=None,
        phases=found_only,
    )


def built(seeds: seed_files.Seeds) -> Ledger:
    """The ledger in memory, every table through its gate."""
    with tempfile.TemporaryDirectory() as folder:
        return build_through_gates(seed_files.write(seeds, Path(folder)))


@given(ledgers())
@tries(2)
def test_a_valid_ledger_passes_every_gate_by_both_judges(seeds):
    built(seeds)


@given(ledgers())
@tries(8)
def test_a_valid_ledger_is_built_and_satisfies_the_invariants(seeds):
    with polars_alone():
        ledger = built(seeds)
    for holds in INVARIANTS:
        holds(ledger.frames)


def same(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Equal within a cent or a rounding tolerance, or both null."""
    return (one.is_null() & other.is_null()) | ((one - other).abs() <= CENT + HAIR * other.abs())


def no_row(frame: pl.DataFrame, what: str) -> None:
    assert frame.is_empty(), f"{what}: {frame.head(3).to_dicts()}"


def quarters_add_up_to_the_amount(tables: dict[str, pl.DataFrame]) -> None:
    columns = ["amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd"]
    sums = tables["facts.commitment_schedule"].group_by("leg_id", "known_from").agg(pl.col(columns).sum())
    legs = tables["facts.commitments"].filter(~pl.col("is_statement"), pl.col("amount_usd").is_not_null())
    both = legs.join(sums, on=["leg_id", "known_from"], how="left", suffix="_due")
    for column in columns:
        off = both.filter(~same(pl.col(f"{column}_due").fill_null(0.0), pl.col(column).fill_null(0.0)))
        no_row(off.select("leg_id", "known_from", column, f"{column}_due"), "quarters")


def bounds_are_ordered_and_net_is_at_most_gross(tables: dict[str, pl.DataFrame]) -> None:
    legs = tables["facts.commitments"]
    no_row(legs.filter(pl.col("amount_low_usd") > pl.col("amount_usd") + CENT), "low above point")
    no_row(legs.filter(pl.col("amount_usd") > pl.col("amount_high_usd") + CENT), "point above high")
    no_row(legs.filter(pl.col("net_amount_usd") > pl.col("amount_usd") * (1 + HAIR) + CENT), "net above gross")
    no_row(legs.filter(pl.col("net_amount_usd") < 0), "negative net")
    head = tables["metrics.headline"]
    over = pl.col("net_commitment_usd") > pl.col("gross_commitment_usd") * (1 + HAIR) + CENT
    no_row(head.filter(over), "net of the headline above its gross")
    unpaid = pl.col("outstanding_commitment_usd") > pl.col("net_commitment_usd") * (1 + HAIR) + CENT
    no_row(head.filter(unpaid), "more outstanding than promised")


def one_version_of_a_leg_is_in_force(tables: dict[str, pl.DataFrame]) -> None:
    for name in ("facts.commitments", "facts.capacity"):
        ordered = tables[name].with_columns(
            following=pl.col("known_from").shift(-1).over("leg_id", order_by="known_from")
        )
        no_row(ordered.filter(pl.col("known_to") > pl.col("following")), f"overlap in {name}")
        no_row(ordered.filter(pl.col("known_to") <= pl.col("known_from")), f"empty interval in {name}")


def capacity_is_at_most_what_was_stated(tables: dict[str, pl.DataFrame]) -> None:
    sites = tables["facts.capacity"]
    no_row(sites.filter(pl.col("net_capacity_gw") > pl.col("capacity_gw") + HAIR), "net above gross")
    due = tables["facts.capacity_schedule"]
    no_row(due.filter(pl.col("energised_gw") < -HAIR), "negative power")
    most = due.join(sites.select("leg_id", "known_from", "capacity_gw"), on=["leg_id", "known_from"])
    no_row(most.filter(pl.col("energised_gw") > pl.col("capacity_gw") + HAIR), "more energised than promised")


def money_runs_in_circles_at_most_as_far_as_it_goes(tables: dict[str, pl.DataFrame]) -> None:
    circles = tables["metrics.circularity"]
    no_row(circles.filter(pl.col("circulating_usd") > pl.col("total_usd") * (1 + HAIR) + CENT), "circles")
    for share in ("circular_share", "reciprocity", "finn_cycling_index"):
        no_row(circles.filter((pl.col(share) < -HAIR) | (pl.col(share) > 1 + HAIR)), share)
    back = tables["metrics.supplier_round_trip"]
    more = pl.col("round_trip_usd") > pl.min_horizontal("funding_usd", "purchases_usd") * (1 + HAIR) + CENT
    no_row(back.filter(more), "more comes back than went out")


def counterparties_add_up_to_the_headline(tables: dict[str, pl.DataFrame]) -> None:
    """On the last day: gross and net of the purchases of a payer, summed over its counterparties."""
    pairs = tables["metrics.commitments_by_counterparty"].filter(pl.col("flow").is_in(PURCHASES))
    key = ["payer_id", "payee_id", "flow", "certainty"]
    last = pairs.sort("as_of_date").unique(key, keep="last").group_by(entity_id="payer_id")
    columns = ["gross_commitment_usd", "net_commitment_usd"]
    head = tables["metrics.headline"].sort("as_of_date").unique("entity_id", keep="last")
    both = head.join(last.agg(pl.col(columns).sum()), on="entity_id", how="inner", suffix="_summed")
    for column in columns:
        off = both.filter(~same(pl.col(column).fill_null(0.0), pl.col(f"{column}_summed").fill_null(0.0)))
        no_row(off.select("entity_id", column, f"{column}_summed"), "counterparties")


def whoever_clears_pays_at_most_what_is_owed(tables: dict[str, pl.DataFrame]) -> None:
    stress = tables["metrics.stress"].filter(pl.col("not_measurable_because").is_null())
    no_row(stress.filter(pl.col("paid_usd") > pl.col("owed_usd") * (1 + HAIR) + CENT), "paid above owed")
    gap = same(pl.col("owed_usd") - pl.col("paid_usd"), pl.col("shortfall_usd"))
    no_row(stress.filter(~gap), "shortfall")


def nothing_is_known_before_its_day(tables: dict[str, pl.DataFrame]) -> None:
    first = dt.date.fromisoformat("2018-01-01")
    for name, frame in tables.items():
        if name.startswith(("facts.", "metrics.")) and "as_of_date" in frame.columns:
            no_row(frame.filter(pl.col("as_of_date") < first), f"{name} before anything was known")


def probabilities_and_quantiles_are_ordered(tables: dict[str, pl.DataFrame]) -> None:
    drawn = tables["metrics.coverage_simulation"]
    for low, high in (("p05", "p25"), ("p25", "p50"), ("p50", "p75"), ("p75", "p95")):
        no_row(drawn.filter(pl.col(low) > pl.col(high) * (1 + HAIR) + HAIR), f"{low} above {high}")
    first = tables["metrics.first_shortfall"].filter(pl.col("not_measurable_because").is_null())
    sums = first.group_by("as_of_date", "scenario_id", "entity_id").agg(pl.col("probability").sum())
    no_row(sums.filter((pl.col("probability") - 1).abs() > 1e-6), "first shortfalls do not add up to one")


def whoever_is_not_measurable_has_a_reason_and_no_figure(tables: dict[str, pl.DataFrame]) -> None:
    said = tables["metrics.completeness"]
    no_row(said.filter(pl.col("is_measurable") != pl.col("not_measurable_because").is_null()), "reasons")
    unknown = said.filter(~pl.col("is_measurable")).select("as_of_date", "entity_id")
    for name, figure in (
        ("metrics.coverage_simulation", "probability_of_shortfall"),
        ("metrics.first_shortfall", "probability"),
        ("metrics.stress", "is_in_default"),
    ):
        silent = tables[name].join(unknown, on=["as_of_date", "entity_id"])
        no_row(silent.filter(pl.col(figure).is_not_null() | pl.col("not_measurable_because").is_null()), name)
        lines = tables[name].join(unknown, on=["as_of_date", "entity_id"], how="anti")
        no_row(lines.filter(pl.col(figure).is_null() | pl.col("not_measurable_because").is_not_null()), name)


INVARIANTS = (
    whoever_is_not_measurable_has_a_reason_and_no_figure,
    quarters_add_up_to_the_amount,
    bounds_are_ordered_and_net_is_at_most_gross,
    one_version_of_a_leg_is_in_force,
    capacity_is_at_most_what_was_stated,
    money_runs_in_circles_at_most_as_far_as_it_goes,
    counterparties_add_up_to_the_headline,
    whoever_clears_pays_at_most_what_is_owed,
    nothing_is_known_before_its_day,
    probabilities_and_quantiles_are_ordered,
)
