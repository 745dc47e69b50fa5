"""metrics.customer_concentration, metrics.backlog_reconciliation, metrics.statement_reconciliation.

What is outstanding between two parties, and the ledger beside what companies say; differences are results.
Not here: how a promise falls due (`assets.finance.schedule`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import polars as pl

from assets.contracts.outside import BACKLOG_RECONCILIATION, STATEMENT_RECONCILIATION
from assets.contracts.stress import CUSTOMER_CONCENTRATION
from assets.contracts.vocabulary import CONTINGENT, EVIDENCE_RANK, FUNDING, PURCHASES
from assets.facts.knowledge import CENTS_PER_USD, in_units
from assets.facts.revenue_path import REPORTED
from assets.facts.schedules import ramps, scheduled
from assets.finance import schedule
from assets.metrics.dues import days_asked
from assets.metrics.graph import aggregates
from assets.metrics.graphs import batches
from assets.steps import Built, Inputs, Step

SIDES = {"rpo": "payee_id", "purchase_commitments": "payer_id"}
OUTSTANDING = ("outstanding_usd", "outstanding_imputed_usd")
TERMS = (
    "leg_id", "known_from", "known_to", "payer_id", "payee_id", "flow", "net_amount_usd", "is_imputed_amount",
    "starts_on", "ends_on", "capacity_leg_id",
)  # fmt: skip
"""What is asked of a leg here."""
LEDGER = ("ledger_net_usd", "ledger_with_imputed_usd", "ledger_in_period_usd")
VIEWS = ("site", "chip", "cloud")
CLASSES = {"purchases": PURCHASES, "funding": FUNDING, "contingent": CONTINGENT}
USD_PER_BILLION = 1e9


def in_force(rows: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """The intervals in force on each day.

    Grain: as_of_date and the key of the rows.
    """
    asked = pl.DataFrame({"as_of_date": list(days)}, schema={"as_of_date": pl.Date})
    return asked.join_where(
        rows,
        pl.col("known_from") <= pl.col("as_of_date"),
        pl.col("known_to").fill_null(dt.date.max) > pl.col("as_of_date"),
    )


def outstanding_by_pair(commitments: pl.DataFrame, capacity: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """What remains to be paid of the purchases between two entities, by day exactly.

    Grain: as_of_date, payer_id, payee_id with something outstanding.
    """
    remains = pl.col("net_amount_usd") * (1 - schedule.share_before(pl.col("as_of_date")))
    cents = (remains * CENTS_PER_USD).round().cast(pl.Int64)  # their sum does not depend on the order of rows
    purchases = commitments.filter(pl.col("flow").is_in(PURCHASES))
    pieces = [
        legs.group_by("as_of_date", "payer_id", "payee_id").agg(
            outstanding_usd=cents.filter(~pl.col("is_imputed_amount")).sum(),
            outstanding_imputed_usd=cents.filter(pl.col("is_imputed_amount")).sum(),
        )
        for legs in profiles_on(purchases, capacity, days)
    ]
    return (
        pl.concat(pieces)
        .with_columns(in_units(pl.col(c), CENTS_PER_USD) for c in OUTSTANDING)
        .filter(pl.any_horizontal(pl.col(OUTSTANDING) > 0))
        .sort("as_of_date", "payer_id", "payee_id")
    )


def profiles_on(commitments: pl.DataFrame, capacity: pl.DataFrame, days: Sequence[dt.date]) -> Iterator[pl.DataFrame]:
    """The counted legs in force with an own share and how they fall due, a few days at a time.

    Grain: as_of_date and leg. Rules: a leg has one profile, whatever the number of days.
    """
    power = ramps(capacity)
    counted = scheduled(commitments).filter(pl.col("net_amount_usd").is_not_null()).select(TERMS)
    for batch in batches(counted, days) or [[]]:
        asked = in_force(counted, batch)
        legs = counted.join(asked, on=["leg_id", "known_from"], how="semi") if len(batch) < len(days) else counted
        yield in_force(schedule.profiles(legs, power).collect(), batch)


def concentration(pairs: pl.DataFrame, many: Sequence[str]) -> pl.DataFrame:
    """How much of a supplier's backlog rests on each customer.

    Grain: as_of_date, supplier_id, customer_id. `many` are the aggregates, whose backlog is nobody's. Equal shares rank
    by the name of the customer.
    """
    supplier = ["as_of_date", "supplier_id"]
    named = pairs.rename({"payee_id": "supplier_id", "payer_id": "customer_id"}).filter(
        ~pl.col("supplier_id").is_in(list(many))
    )
    backlog = pl.sum_horizontal(OUTSTANDING)
    ranked = (
        named.with_columns(share_of_backlog=backlog / backlog.sum().over(supplier))
        .sort(*supplier, -pl.col("share_of_backlog"), "customer_id")
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(supplier))
    )
    return CUSTOMER_CONCENTRATION.conform(ranked)


def reported_figures(financials: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """The latest figure of each company and measure as known on each day.

    Grain: as_of_date, entity_id, measure. Rules: latest balance-sheet day, then latest day of knowledge; where several
    stand on one day, the company's usual total (no definition) before its parts, then evidence, then the larger one.
    """
    figures = financials.filter(
        pl.col("metric").is_in(list(SIDES)) & pl.col("basis").is_in(REPORTED) & pl.col("value").is_not_null()
    ).with_columns(evidence_rank=pl.col("evidence").replace_strict(EVIDENCE_RANK, return_dtype=pl.Int64))
    asked = pl.DataFrame({"as_of_date": list(days)}, schema={"as_of_date": pl.Date})
    known = asked.join_where(figures, pl.col("known_from") <= pl.col("as_of_date"))
    key = ["as_of_date", "entity_id", "measure"]
    order = ["period_end", "known_from", "is_total", "evidence_rank", "value", "source_id"]
    ordered = known.with_columns(measure="metric", is_total=pl.col("definition").is_null()).sort(
        *key, *order, descending=[*(False for _ in key), *(True for _ in order)]
    )
    same_day = pl.col("period_end") == pl.col("period_end").first()
    other = pl.format(
        "{} {}", pl.col("definition").fill_null("total"), (pl.col("value") / USD_PER_BILLION).round(1).cast(pl.String)
    )
    return ordered.group_by(key, maintain_order=True).agg(
        pl.col("definition", "source_id").first(),
        reported_usd=pl.col("value").first(),
        reported_on=pl.col("period_end").first(),
        reported_known_from=pl.col("known_from").first(),
        other_figures=other.filter(same_day).slice(1).str.join("; "),
    )


def backlog(pairs: pl.DataFrame, reported: pl.DataFrame, entities: pl.DataFrame) -> pl.DataFrame:
    """The ledger's outstanding purchases beside the reported figures.

    Grain: as_of_date, entity_id, measure. Rules: entities that are listed and have something outstanding, or have a
    reported figure.
    """
    listed = entities.filter(pl.col("ticker").is_not_null() & (pl.col("kind") != "aggregate"))["entity_id"]
    key = ["as_of_date", "entity_id", "measure"]
    ledger = pl.concat(
        pairs.group_by("as_of_date", entity_id=side)
        .agg(pl.col(OUTSTANDING).sum())
        .with_columns(measure=pl.lit(measure))
        for measure, side in SIDES.items()
    )
    joined = ledger.join(reported, on=key, how="full", coalesce=True).filter(
        pl.col("entity_id").is_in(listed.implode()) | pl.col("reported_usd").is_not_null()
    )
    told = joined.with_columns(
        ledger_outstanding_usd=pl.col("outstanding_usd").fill_null(0.0).round(2),
        ledger_imputed_usd=pl.col("outstanding_imputed_usd").fill_null(0.0).round(2),
        other_figures=pl.when(pl.col("other_figures") != "").then("other_figures"),
    ).with_columns(
        difference_usd=pl.col("ledger_outstanding_usd") - pl.col("reported_usd"),
        ledger_over_reported=pl.when(pl.col("reported_usd") > 0).then(
            pl.col("ledger_outstanding_usd") / pl.col("reported_usd")
        ),
    )
    return BACKLOG_RECONCILIATION.conform(told.sort(key))


def money_statements(
    commitments: pl.DataFrame, capacity: pl.DataFrame, many: Sequence[str], days: Sequence[dt.date]
) -> pl.DataFrame:
    """Statements about money beside the legs of the same payer and class of flows.

    Grain: as_of_date and statement in force. Rules: a statement about one payee is set beside the legs to that payee,
    one about an aggregate beside all legs of the payer; cancelled statements say nothing.
    """
    class_of = pl.coalesce(pl.when(pl.col("flow").is_in(f)).then(pl.lit(name)) for name, f in CLASSES.items())
    stated = in_force(commitments.filter(pl.col("is_statement") & (pl.col("certainty") != "cancelled")), days)
    statements = stated.select(
        "as_of_date", "leg_id", "starts_on", "ends_on", "is_imputed_dates", "payer_id",
        beside=class_of,
        counterparty_id=pl.when(~pl.col("payee_id").is_in(list(many))).then("payee_id"),
        stated_low_usd="amount_low_usd", stated_usd="amount_usd", stated_high_usd="amount_high_usd",
    )  # fmt: skip
    ledger_legs = commitments.filter(pl.col("payer_id").is_in(statements["payer_id"].unique().implode()))
    sums = pl.concat(
        _beside(statements, legs.with_columns(beside=class_of)) for legs in profiles_on(ledger_legs, capacity, days)
    ).with_columns(in_units(pl.col(c), CENTS_PER_USD) for c in LEDGER)
    has_period = pl.col("beside") == "purchases"
    return (
        statements.join(sums, on=["as_of_date", "leg_id"], how="left")
        .with_columns(pl.col(LEDGER).fill_null(0.0), kind=pl.lit("money"), entity_id="payer_id")
        .with_columns(ledger_in_period_usd=pl.when(has_period).then("ledger_in_period_usd"))
        .with_columns(difference_usd=pl.col("ledger_with_imputed_usd") - pl.col("stated_usd"))
    )


def _beside(statements: pl.DataFrame, legs: pl.DataFrame) -> pl.DataFrame:
    """What the legs of one day that stand beside each statement come to, in whole cents."""
    told = legs.rename({"starts_on": "leg_starts_on", "ends_on": "leg_ends_on"}).drop("leg_id")
    key = ["as_of_date", "payer_id", "beside"]
    asked = statements.select("leg_id", *key, "counterparty_id", "starts_on", "ends_on")
    of_one, of_all = (asked.filter(pl.col("counterparty_id").is_null() == is_all) for is_all in (False, True))
    pairs = (
        of_one.lazy().join(told.lazy(), left_on=[*key, "counterparty_id"], right_on=[*key, "payee_id"]),
        of_all.lazy().join(told.lazy(), on=key),
    )
    in_period = schedule.share_before(pl.col("ends_on")) - schedule.share_before(pl.col("starts_on"))
    due = (pl.col("net_amount_usd") * in_period.clip(0, 1) * CENTS_PER_USD).round().cast(pl.Int64)
    cents = (pl.col("net_amount_usd") * CENTS_PER_USD).round().cast(pl.Int64)
    return pl.concat(
        found.group_by("as_of_date", "leg_id")
        .agg(
            ledger_net_usd=cents.filter(~pl.col("is_imputed_amount")).sum(),
            ledger_with_imputed_usd=cents.sum(),
            ledger_in_period_usd=due.sum(),
        )
        .collect()
        for found in pairs
    )


def power_statements(capacity: pl.DataFrame, days: Sequence[dt.date]) -> pl.DataFrame:
    """Statements about power beside the capacity of the same user in each view.

    Grain: as_of_date, statement in force and view. A view in which the user has nothing counts as 0.
    """
    rows = in_force(capacity.filter((pl.col("stage") != "cancelled") & pl.col("user_id").is_not_null()), days)
    statements = rows.filter(pl.col("view") == "statement").select(
        "as_of_date", "leg_id", entity_id="user_id",
        stated_low_gw="capacity_low_gw", stated_gw="capacity_gw", stated_high_gw="capacity_high_gw",
    )  # fmt: skip
    ledger = (
        rows.filter(pl.col("view").is_in(VIEWS))
        .group_by("as_of_date", entity_id="user_id", beside="view")
        .agg(ledger_gw=pl.col("net_capacity_gw").sum().round(9))
    )
    beside = pl.DataFrame({"beside": VIEWS})
    return (
        statements.join(beside, how="cross")
        .join(ledger, on=["as_of_date", "entity_id", "beside"], how="left")
        .with_columns(pl.col("ledger_gw").fill_null(0.0), kind=pl.lit("power"))
        .with_columns(difference_gw=pl.col("ledger_gw") - pl.col("stated_gw"))
    )


def statements(money: pl.DataFrame, power: pl.DataFrame) -> pl.DataFrame:
    """Both kinds of statements in one table.

    Grain: as_of_date, leg_id, beside.
    """
    both = pl.concat([money, power], how="diagonal")
    return STATEMENT_RECONCILIATION.conform(both.sort(STATEMENT_RECONCILIATION.key))


def _pairs(inputs: Inputs) -> pl.DataFrame:
    return outstanding_by_pair(inputs.read("facts.commitments"), inputs.read("facts.capacity"), days_asked(inputs))


def _build_concentration(inputs: Inputs) -> Built:
    return Built(concentration(_pairs(inputs), aggregates(inputs.read("facts.entities"))))


def _build_backlog(inputs: Inputs) -> Built:
    reported = reported_figures(inputs.read("facts.financials"), days_asked(inputs))
    return Built(backlog(_pairs(inputs), reported, inputs.read("facts.entities")))


def _build_statements(inputs: Inputs) -> Built:
    commitments, capacity, days = inputs.read("facts.commitments"), inputs.read("facts.capacity"), days_asked(inputs)
    many = aggregates(inputs.read("facts.entities"))
    return Built(statements(money_statements(commitments, capacity, many, days), power_statements(capacity, days)))


READS = ("facts.commitments", "facts.capacity", "facts.financials", "facts.entities")
STEPS = (
    Step(CUSTOMER_CONCENTRATION, READS, _build_concentration),
    Step(BACKLOG_RECONCILIATION, READS, _build_backlog),
    Step(STATEMENT_RECONCILIATION, READS, _build_statements),
)
