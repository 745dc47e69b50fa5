"""facts.commitments, facts.commitment_alternatives: promises of money, bounded, imputed, dated, net of parts."""

from __future__ import annotations

import polars as pl

from assets.core import fields, shared_rules
from assets.core.columns import usd
from assets.core.rule import Read, Rule
from assets.core.step import Built, Inputs, Step
from assets.core.table import Table
from assets.core.vocabulary import COMPONENT_OF_FLOW, FLOWS_ON_ONE_DAY
from assets.facts.assumptions import as_dict
from assets.facts.capacity import preferred
from assets.facts.intervals import (
    CENTS_PER_USD,
    as_known,
    bounded,
    hide_unknown,
    known_links,
    own_share,
    split,
    sums_of_parts,
    whole,
)
from assets.facts.leg_rules import INTERVAL, RELATIVE_TOLERANCE, cancelled_carries_nothing
from assets.finance import schedule
from assets.finance.versions import collapse
from assets.finance.versions import intervals as intervals_of


def _net_within_gross(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["net_amount_usd"] > frame["amount_usd"] * (1 + RELATIVE_TOLERANCE)).fill_null(value=False)


def _period_empty(frame: pl.DataFrame, _read: Read) -> pl.Series:
    exempt = pl.col("is_statement") | (pl.col("certainty") == "cancelled")
    one_day = pl.col("flow").is_in(FLOWS_ON_ONE_DAY) & (pl.col("starts_on") == pl.col("ends_on"))
    return frame.select(~exempt & ~one_day & (pl.col("starts_on") >= pl.col("ends_on"))).to_series()


def _no_net_of_statement(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame["is_statement"] & frame["net_amount_usd"].is_not_null()


COMMITMENTS = Table(
    stage="facts",
    name="commitments",
    summary="Promises of money as intervals of knowledge: bounded, imputed where gigawatts allow, net of their parts.",
    grain="one row per leg and maximal interval of knowledge",
    key=INTERVAL,
    columns=(
        *fields.of("leg_id", "known_from", "known_to", "seed_known_from", "deal_id", "payer_id", "payee_id"),
        *fields.of("flow", "certainty", "evidence", "qualifier", "amount_low_usd", "amount_usd"),
        fields.here("amount_high_usd"),
        usd("net_amount_low_usd", "own share with every leg at its lower bound"),
        fields.here("net_amount_usd"),
        usd("net_amount_high_usd", "own share with every leg at its upper bound"),
        fields.here("is_imputed_amount"),
        fields.here("starts_on", required=True),
        fields.here("ends_on", required=True),
        *fields.of("is_imputed_dates", "is_statement", "part_of_leg_id", "funds_leg_id", "capacity_leg_id"),
        fields.here("first_power_on", "first power of the capacity leg, where payments follow it"),
        fields.here("full_power_on", "full power of the capacity leg, where payments follow it"),
        *fields.of("source_id", "note"),
    ),
    rules=(
        shared_rules.no_overlap(("leg_id",)),
        shared_rules.ordered_bounds("amount_low_usd", "amount_usd", "amount_high_usd"),
        Rule(
            "period:ends_on",
            ("starts_on", "ends_on", "flow"),
            "a period must not be empty (equity and debt may take one day; statements and cancelled rows are exempt)",
            "this is a defect of the builder: report it with the sample keys",
            offends=_period_empty,
        ),
        Rule(
            "net_within_gross",
            ("net_amount_usd", "amount_usd"),
            "an own share cannot exceed the whole",
            "this is a defect of the builder: report it with the sample keys",
            offends=_net_within_gross,
        ),
        cancelled_carries_nothing(
            (
                "amount_low_usd",
                "amount_usd",
                "amount_high_usd",
                "net_amount_low_usd",
                "net_amount_usd",
                "net_amount_high_usd",
            ),
            "certainty",
        ),
        Rule(
            "statement_in_no_total",
            ("is_statement", "net_amount_usd"),
            "a statement overlaps other legs: it has no own share",
            "this is a defect of the builder: report it with the sample keys",
            offends=_no_net_of_statement,
        ),
    ),
    hazards=(
        "summing amount_usd counts parts twice: sum net_amount_usd",
        "a sum needs one day: known_from <= d and (known_to is null or d < known_to), or use commitments_as_of(d)",
        "imputed amounts (is_imputed_amount) and statements (is_statement) are in no disclosed total",
        "what funds a leg (funds_leg_id) must not be added to what it pays for",
    ),
)

BOUNDS = ("amount_low_usd", "amount_usd", "amount_high_usd")


def intervals(
    legs: pl.DataFrame, capacity: pl.DataFrame, costs: pl.DataFrame, assumptions: dict[str, float]
) -> pl.DataFrame:
    """Commitments as intervals of knowledge.

    Grain: one row per leg and maximal interval. Rules (METHODS, Ledger): bounds by qualifier, imputation of purchases
    with known gigawatts, dates inherited or assumed, own share net of the parts in force. `legs` and `capacity` are
    staging rows, `costs` the rows of facts.cost_per_gw.
    """
    counted_capacity = intervals_of(preferred(capacity), "leg_id")
    versions = dated(intervals_of(preferred(legs), "leg_id"), assumptions)
    priced = _priced(versions, counted_capacity, costs, assumptions)
    rows = _netted(priced)
    pieces = intervals_of(rows.select([c for c in COMMITMENTS.column_names if c != "known_to"]), "leg_id")
    return COMMITMENTS.conform(collapse(pieces, "leg_id"))


def dated(versions: pl.DataFrame, assumptions: dict[str, float]) -> pl.DataFrame:
    """Fill in dates: an empty one inherits the previous version's, else start = first known day, end = start + tenor.

    Grain: the versions given, in their order. Rules: only stated dates are inherited; if an assumed or inherited date
    would leave no period, the stated date wins.
    """
    tenor = pl.lit(0, pl.Int64)
    for name, months in assumptions.items():
        if name.startswith("tenor_months_"):
            tenor = pl.when(pl.col("flow") == name.removeprefix("tenor_months_")).then(int(months)).otherwise(tenor)
    one_day = pl.col("flow").is_in(FLOWS_ON_ONE_DAY)
    filled = versions.sort("leg_id", "known_from").with_columns(
        tenor=tenor,
        first_day=pl.col("known_from").min().over("leg_id"),
        start=pl.col("starts_on").forward_fill().over("leg_id"),
        end=pl.col("ends_on").forward_fill().over("leg_id"),
    )
    start = pl.coalesce("start", "first_day")
    empty = pl.when(one_day).then(start > pl.col("end")).otherwise(start >= pl.col("end")).fill_null(value=False)
    end_gives_way = empty & pl.col("ends_on").is_null()
    start_gives_way = empty & pl.col("ends_on").is_not_null() & pl.col("starts_on").is_null()
    months_before_end = pl.col("end").dt.offset_by(pl.format("-{}mo", "tenor"))
    placed = filled.with_columns(
        start_day=pl.when(start_gives_way)
        .then(pl.when(one_day).then(pl.col("end")).otherwise(months_before_end))
        .otherwise(start),
        end_stated=pl.when(~end_gives_way).then(pl.col("end")),
        is_start_assumed=pl.col("start").is_null() | start_gives_way,
    )
    return placed.with_columns(
        starts_on=pl.col("start_day"),
        ends_on=pl.coalesce("end_stated", pl.col("start_day").dt.offset_by(pl.format("{}mo", "tenor"))),
        is_imputed_dates=pl.col("is_start_assumed") | pl.col("end_stated").is_null(),
    ).drop("tenor", "first_day", "start", "end", "start_day", "end_stated", "is_start_assumed")


def _priced(
    versions: pl.DataFrame, capacity: pl.DataFrame, costs: pl.DataFrame, assumptions: dict[str, float]
) -> pl.DataFrame:
    """Split where a link, a capacity leg or a cost estimate changes, and compute the amounts of each piece."""
    targets = {"part_of_leg_id": versions, "funds_leg_id": versions, "capacity_leg_id": capacity}
    undisclosed = pl.all_horizontal(pl.col("amount_usd", "amount_low_usd").is_null())
    carries = pl.col("certainty") != "cancelled"
    may_impute = undisclosed & carries & ~pl.col("is_statement") & pl.col("flow").is_in(list(COMPONENT_OF_FLOW))
    component = pl.col("flow").replace_strict(COMPONENT_OF_FLOW, default=None, return_dtype=pl.String)
    marked = versions.with_columns(
        component=pl.when(may_impute & pl.col("capacity_leg_id").is_not_null()).then(component)
    )
    candidates = marked.filter(pl.col("component").is_not_null())
    days = pl.concat(
        [
            known_links(versions, targets),
            versions.filter(_follows_power())
            .select("leg_id", "capacity_leg_id")
            .unique()
            .join(capacity.select(capacity_leg_id="leg_id", day="known_from"), on="capacity_leg_id")
            .select("leg_id", "day"),
            candidates.select("leg_id", "component")
            .unique()
            .join(costs.select("component", day="known_from"), on="component")
            .select("leg_id", "day"),
        ]
    )
    rows = split(marked.drop("known_to"), days)
    for link, target in targets.items():
        rows = hide_unknown(rows, link, target)
    with_costs = as_known(_with_power(rows, capacity), costs.drop("known_to"), "component")
    return _amounts(with_costs, assumptions)


def _with_power(rows: pl.DataFrame, capacity: pl.DataFrame) -> pl.DataFrame:
    """Gigawatts and power-on dates of the capacity leg as known on the day; dates only where payments follow them.

    Rules: a cancelled capacity leg has no gigawatts; a single power-on date gives no ramp.
    """
    dates = ("first_power_on", "full_power_on")
    carried = pl.when(pl.col("stage") != "cancelled").then(pl.col("gw", *dates))
    power = capacity.select("known_from", carried, capacity_leg_id="leg_id")
    joined = as_known(rows, power, "capacity_leg_id")
    carries = (pl.col("certainty") != "cancelled") & ~pl.col("is_statement")
    has_ramp = _follows_power() & carries & pl.all_horizontal(pl.col(dates).is_not_null())
    return joined.with_columns(pl.when(has_ramp).then(pl.col(dates)))


def _follows_power() -> pl.Expr:
    return pl.col("flow").is_in([*schedule.FLOWS_BY_LEVEL, *schedule.FLOWS_BY_ADDITION])


def _amounts(rows: pl.DataFrame, assumptions: dict[str, float]) -> pl.DataFrame:
    carries = pl.col("certainty") != "cancelled"
    stated = pl.coalesce("amount_usd", "amount_low_usd")
    imputed = [pl.col("gw") * pl.col(f"cost_{c}_usd_per_gw") for c in ("low", "median", "high")]
    is_imputed = (pl.col("component").is_not_null() & stated.is_null() & imputed[1].is_not_null()).fill_null(
        value=False
    )
    low, high = bounded(stated, pl.col("amount_low_usd"), pl.col("amount_high_usd"), assumptions)
    clipped = [pl.min_horizontal(pl.max_horizontal(i, "amount_low_usd"), "amount_high_usd") for i in imputed]
    amounts = dict(zip(BOUNDS, (low, stated, high), strict=True))
    return rows.with_columns(
        is_imputed_amount=is_imputed,
        **{
            name: pl.when(carries).then(pl.when(is_imputed).then(guess).otherwise(amount))
            for (name, amount), guess in zip(amounts.items(), clipped, strict=True)
        },
    )


def _netted(priced: pl.DataFrame) -> pl.DataFrame:
    """Split again where a part changes, and subtract the parts in force.

    Imputed parts never reduce a disclosed whole; an imputed whole is reduced by all of its parts; statements and
    cancelled rows neither reduce nor have an own share.
    """
    pieces = intervals_of(priced, "leg_id")
    links = pieces.filter(pl.col("part_of_leg_id").is_not_null())
    days = pl.concat(
        [
            links.select(leg_id="part_of_leg_id", day="known_from"),
            links.select(leg_id="part_of_leg_id", day="known_to").drop_nulls(),
        ]
    )
    rows = split(pieces.drop("known_to", "seed_known_from").with_columns(seed_day=pieces["seed_known_from"]), days)
    counted = links.filter(~pl.col("is_statement"))
    quantities = [f"{kind}_{b}" for kind in ("disclosed", "imputed") for b in BOUNDS]
    parts = counted.select(
        "known_from",
        "known_to",
        leg_id="part_of_leg_id",
        **{f"disclosed_{b}": _cents(b, imputed=False) for b in BOUNDS},
        **{f"imputed_{b}": _cents(b, imputed=True) for b in BOUNDS},
    )
    sums = sums_of_parts(rows, parts, ["leg_id"], quantities)
    shares = {
        f"net_{b}": pl.when(~pl.col("is_statement")).then(
            own_share(
                b,
                pl.col(f"disclosed_{b}")
                + pl.when(pl.col("is_imputed_amount")).then(pl.col(f"imputed_{b}")).otherwise(0),
                CENTS_PER_USD,
            )
        )
        for b in BOUNDS
    }
    return rows.with_columns(sums).with_columns(**shares, seed_known_from="seed_day")


def _cents(column: str, *, imputed: bool) -> pl.Expr:
    wanted = pl.col("is_imputed_amount") if imputed else ~pl.col("is_imputed_amount")
    return pl.when(wanted).then(whole(column, CENTS_PER_USD)).otherwise(0)


def _build(inputs: Inputs) -> Built:
    return Built(
        intervals(
            inputs.read("staging.commitments"),
            inputs.read("staging.capacity"),
            inputs.read("facts.cost_per_gw"),
            as_dict(inputs.read("staging.assumptions")),
        )
    )


STEP = Step(
    COMMITMENTS,
    ("staging.commitments", "staging.capacity", "facts.cost_per_gw", "staging.assumptions"),
    _build,
)
