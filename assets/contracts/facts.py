"""Contracts of the facts: what the ledger says, netted, bounded, dated and scheduled, as known on any day."""

from __future__ import annotations

import polars as pl

from assets.contracts import rules, staging
from assets.contracts.model import Column, Read, Rule, Table

RELATIVE_TOLERANCE = 1e-9
FLOWS_ON_ONE_DAY = ("equity_investment", "debt")


def _key(name: str, description: str, refers_to: str = "") -> Column:
    return Column(name, "text", "", description, required=True, refers_to=refers_to)


def _dimension(table: Table, name: str) -> Table:
    """A staging table carried over without its file columns."""
    renamed = {
        "staging.entities": "facts.entities",
        "staging.deals": "facts.deals",
        "staging.sources": "facts.sources",
    }
    columns = []
    for c in table.columns:
        if c in staging.SOURCE_LINE:
            continue
        target, _, key = c.refers_to.rpartition(".")
        if target in renamed:
            columns.append(
                Column(
                    c.name,
                    c.kind,
                    c.unit,
                    c.description,
                    required=c.required,
                    refers_to=f"{renamed[target]}.{key}",
                )
            )
        else:
            columns.append(Column(c.name, c.kind, c.unit, c.description, required=c.required, vocabulary=c.vocabulary))
    return Table(
        stage="facts",
        name=name,
        summary=table.summary,
        grain=table.grain,
        key=table.key,
        columns=tuple(columns),
        source=f"staging.{table.name}",
        min_rows=table.min_rows,
        may_be_empty_because=table.may_be_empty_because,
    )


ENTITIES = _dimension(staging.ENTITIES, "entities")
DEALS = _dimension(staging.DEALS, "deals")
SOURCES = _dimension(staging.SOURCES, "sources")

KNOWN_FROM = Column("known_from", "date", "day", "first day on which the row is in force", required=True)
KNOWN_TO = Column("known_to", "date", "day", "day from which it is replaced, empty while it is in force")
SEED_KNOWN_FROM = Column(
    "seed_known_from", "date", "day", "known_from of the row of seeds/ that it comes from", required=True
)
LEG = _key("leg_id", "the leg")
DEAL = _key("deal_id", "the deal", "facts.deals.deal_id")
SOURCE = _key("source_id", "where the figure was read", "facts.sources.source_id")
EVIDENCE = Column("evidence", "text", "", "how well the source was checked", required=True, vocabulary="evidence")
INTERVAL = ("leg_id", "known_from")


def _money(prefix: str, description: str) -> tuple[Column, ...]:
    return (
        Column(f"{prefix}_low_usd", "number", "USD", f"{description}, lower bound", at_least=0),
        Column(f"{prefix}_usd", "number", "USD", f"{description}, point", at_least=0),
        Column(f"{prefix}_high_usd", "number", "USD", f"{description}, upper bound", at_least=0),
    )


def _net_within_gross(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["net_amount_usd"] > frame["amount_usd"] * (1 + RELATIVE_TOLERANCE)).fill_null(value=False)


def _cancelled_empty(columns: tuple[str, ...], state: str) -> Rule:
    def offends(frame: pl.DataFrame, _read: Read) -> pl.Series:
        carries = pl.any_horizontal(pl.col(columns).fill_null(0) != 0)
        return frame.select((pl.col(state) == "cancelled") & carries).to_series()

    return Rule(
        "cancelled_carries_nothing",
        (state, *columns),
        "a cancelled promise counts for nothing from that day on, whatever figure the seed row repeats",
        "this is a defect of the builder: report it with the sample keys",
        offends=offends,
    )


def reconciles(table: str, key: tuple[str, ...], needs: tuple[str, ...] = ()) -> Rule:
    """The table agrees with what it is made of: `sql/reconcile/<table>.sql` gives the rows that differ or lack."""
    return Rule(
        "reconciles",
        key,
        f"sql/reconcile/{table}.sql derives the same figures in another way and gives the rows that differ",
        "this is a defect of the builder or of sql/metrics: report it with the sample keys",
        scope="table",
        native={"type": "reconcile", "file": table},
        needs=needs,
    )


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
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        SEED_KNOWN_FROM,
        DEAL,
        _key("payer_id", "who pays", "facts.entities.entity_id"),
        _key("payee_id", "who is paid", "facts.entities.entity_id"),
        Column("flow", "text", "", "what the money is for", required=True, vocabulary="flow"),
        Column("certainty", "text", "", "how firm the promise is", required=True, vocabulary="certainty"),
        EVIDENCE,
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        *_money("amount", "the promise"),
        Column(
            "net_amount_low_usd",
            "number",
            "USD",
            "own share when every leg stands at its lower bound",
            at_least=0,
        ),
        Column("net_amount_usd", "number", "USD", "own share: the promise less its parts in force", at_least=0),
        Column(
            "net_amount_high_usd",
            "number",
            "USD",
            "own share when every leg stands at its upper bound",
            at_least=0,
        ),
        Column(
            "is_imputed_amount",
            "flag",
            "",
            "gigawatts times cost per gigawatt, not a stated figure",
            required=True,
        ),
        Column("starts_on", "date", "day", "first day of payment", required=True),
        Column("ends_on", "date", "day", "day after the last payment", required=True),
        Column("is_imputed_dates", "flag", "", "a date was not stated and is assumed", required=True),
        Column(
            "is_statement",
            "flag",
            "",
            "a statement about other legs: in no total, without schedule",
            required=True,
        ),
        Column("part_of_leg_id", "text", "", "the larger leg that repeats this one, once it is known"),
        Column("funds_leg_id", "text", "", "the leg that this money pays for, once it is known"),
        Column("capacity_leg_id", "text", "", "the gigawatts that the money buys, once they are known"),
        Column("first_power_on", "date", "day", "first power of the capacity leg, where payments follow it"),
        Column("full_power_on", "date", "day", "full power of the capacity leg, where payments follow it"),
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    rules=(
        rules.no_overlap(("leg_id",)),
        rules.ordered_bounds("amount_low_usd", "amount_usd", "amount_high_usd"),
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
        _cancelled_empty(
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
    source="staging.commitments, staging.capacity, facts.cost_per_gw, staging.assumptions",
    hazards=(
        "summing amount_usd counts parts twice: sum net_amount_usd",
        "a sum needs one day: known_from <= d and (known_to is null or d < known_to), or use commitments_as_of(d)",
        "imputed amounts (is_imputed_amount) and statements (is_statement) are in no disclosed total",
        "what funds a leg (funds_leg_id) must not be added to what it pays for",
    ),
)

COMMITMENT_ALTERNATIVES = Table(
    stage="facts",
    name="commitment_alternatives",
    summary="Competing figures for a leg: kept, never counted.",
    grain="one row per leg and day on which the competing figure became known",
    key=INTERVAL,
    columns=(
        LEG,
        KNOWN_FROM,
        DEAL,
        _key("payer_id", "who pays", "facts.entities.entity_id"),
        _key("payee_id", "who is paid", "facts.entities.entity_id"),
        Column("flow", "text", "", "what the money is for", required=True, vocabulary="flow"),
        Column("certainty", "text", "", "how firm the promise is", required=True, vocabulary="certainty"),
        EVIDENCE,
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        *_money("amount", "the competing figure"),
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    min_rows=0,
    may_be_empty_because="a ledger need not contain competing figures",
    source="staging.commitments",
    hazards=("competing figures are in no total",),
)


def _sums_match(whole: str, columns: tuple[tuple[str, str], ...]) -> Rule:
    """Per interval, the quarters of a schedule add up to the whole; looked up from the schedule's side."""

    def offends(frame: pl.DataFrame, read: Read) -> pl.Series:
        sums = frame.group_by(INTERVAL).agg(pl.col(part).sum().alias(part) for part, _ in columns)
        wholes = read(whole).select(*INTERVAL, *(pl.col(w).alias(f"whole_{w}") for _, w in columns))
        wrong = sums.join(wholes, on=INTERVAL, how="left", validate="1:1").filter(
            pl.any_horizontal(
                (
                    (pl.col(p) - pl.col(f"whole_{w}")).abs()
                    > RELATIVE_TOLERANCE * pl.col(f"whole_{w}").abs() + RELATIVE_TOLERANCE
                ).fill_null(value=False)
                for p, w in columns
            )
            | pl.all_horizontal(pl.col(f"whole_{w}").is_null() for _, w in columns)
        )
        return frame.select(
            pl.struct(INTERVAL).is_in(wrong.select(pl.struct(INTERVAL)).to_series().implode())
        ).to_series()

    return Rule(
        "quarters_sum_to_whole",
        (*INTERVAL, *(p for p, _ in columns)),
        f"the quarters of an interval must add up to its row in {whole}, to one part in a billion",
        "this is a defect of the builder: report it with the sample keys",
        offends=offends,
        needs=(whole,),
    )


COMMITMENT_SCHEDULE = Table(
    stage="facts",
    name="commitment_schedule",
    summary="When promised money falls due, by calendar quarter.",
    grain="one row per leg interval and quarter",
    key=(*INTERVAL, "quarter_start"),
    columns=(
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        Column("quarter_start", "date", "day", "first day of the quarter", required=True),
        *_money("amount", "due in the quarter"),
        Column("net_amount_usd", "number", "USD", "own share due in the quarter", at_least=0),
        Column(
            "is_imputed_amount",
            "flag",
            "",
            "gigawatts times cost per gigawatt, not a stated figure",
            required=True,
        ),
    ),
    rules=(
        _sums_match(
            "facts.commitments",
            tuple((c, c) for c in ("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd")),
        ),
        reconciles("commitment_schedule", INTERVAL, ("facts.commitments",)),
    ),
    source="facts.commitments, facts.capacity",
    hazards=("a sum needs one day of knowledge, and net_amount_usd: amount_usd counts parts twice",),
)

COMMITMENT_OUTSTANDING = Table(
    stage="facts",
    name="commitment_outstanding",
    summary="What remains to be paid of an entity's purchases, on every day on which something of the entity changed.",
    grain="one row per payer and day",
    key=("payer_id", "as_of_date"),
    columns=(
        _key("payer_id", "who pays", "facts.entities.entity_id"),
        Column(
            "as_of_date",
            "date",
            "day",
            "day of knowledge, and day from which payments are counted",
            required=True,
        ),
        Column(
            "outstanding_commitment_usd",
            "number",
            "USD",
            "disclosed own shares due on or after the day",
            required=True,
            at_least=0,
        ),
        Column(
            "outstanding_imputed_usd",
            "number",
            "USD",
            "imputed own shares due on or after the day",
            required=True,
            at_least=0,
        ),
    ),
    source="facts.commitments, facts.capacity, facts.financials",
    hazards=("as of the day itself: time alone lowers it between two rows",),
)

CAPACITY = Table(
    stage="facts",
    name="capacity",
    summary="Promises of power as intervals of knowledge: bounded and net of their parts within one view.",
    grain="one row per leg and maximal interval of knowledge",
    key=INTERVAL,
    columns=(
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        SEED_KNOWN_FROM,
        DEAL,
        _key("provider_id", "who provides the power or the chips", "facts.entities.entity_id"),
        Column("user_id", "text", "", "who uses it, empty if not named", refers_to="facts.entities.entity_id"),
        Column("site", "text", "", "where it stands"),
        Column("country", "text", "", "two-letter country of the site"),
        Column("view", "text", "", "the side from which the power is described", required=True, vocabulary="view"),
        Column("power_basis", "text", "", "which power is meant", required=True, vocabulary="power_basis"),
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        Column("capacity_low_gw", "number", "GW", "lower bound", at_least=0),
        Column("capacity_gw", "number", "GW", "point", at_least=0),
        Column("capacity_high_gw", "number", "GW", "upper bound", at_least=0),
        Column(
            "net_capacity_gw",
            "number",
            "GW",
            "own share: the point less its parts in force, in one view",
            at_least=0,
        ),
        Column("first_power_on", "date", "day", "first power"),
        Column("full_power_on", "date", "day", "full power"),
        Column("stage", "text", "", "how far it is built", required=True, vocabulary="stage"),
        Column("part_of_leg_id", "text", "", "the larger leg that repeats this one, once it is known"),
        EVIDENCE,
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    rules=(
        rules.no_overlap(("leg_id",)),
        rules.ordered_bounds("capacity_low_gw", "capacity_gw", "capacity_high_gw"),
        _cancelled_empty(("capacity_low_gw", "capacity_gw", "capacity_high_gw", "net_capacity_gw"), "stage"),
        Rule(
            "net_within_gross",
            ("net_capacity_gw", "capacity_gw"),
            "an own share cannot exceed the whole",
            "this is a defect of the builder: report it with the sample keys",
            offends=lambda frame, _read: (
                frame["net_capacity_gw"] > frame["capacity_gw"] * (1 + RELATIVE_TOLERANCE)
            ).fill_null(value=False),
        ),
    ),
    source="staging.capacity, staging.assumptions",
    hazards=(
        "views describe the same power from different sides: never add them",
        "rows of view statement overlap the others",
        "sum net_capacity_gw, on one day of knowledge, in one view",
        "it_load and facility power differ: a sum that mixes power_basis is approximate",
    ),
)


def _energised_within(frame: pl.DataFrame, read: Read) -> pl.Series:
    whole = read("facts.capacity").select(*INTERVAL, "capacity_gw", "net_capacity_gw")
    joined = frame.join(whole, on=INTERVAL, how="left", maintain_order="left")
    beyond = (pl.col("energised_gw") > pl.col("capacity_gw") * (1 + RELATIVE_TOLERANCE)) | (
        pl.col("net_energised_gw") > pl.col("net_capacity_gw") * (1 + RELATIVE_TOLERANCE)
    )
    return joined.select((beyond | pl.col("capacity_gw").is_null()).fill_null(value=False)).to_series()


CAPACITY_SCHEDULE = Table(
    stage="facts",
    name="capacity_schedule",
    summary="Power that is energised at the end of each calendar quarter.",
    grain="one row per leg interval and quarter, from the first power-on to the last year tabulated",
    key=(*INTERVAL, "quarter_start"),
    columns=(
        LEG,
        KNOWN_FROM,
        KNOWN_TO,
        Column("quarter_start", "date", "day", "first day of the quarter", required=True),
        Column("energised_gw", "number", "GW", "energised at the end of the quarter", required=True, at_least=0),
        Column("net_energised_gw", "number", "GW", "own share of it", at_least=0),
    ),
    rules=(
        Rule(
            "energised_within_capacity",
            ("energised_gw", "net_energised_gw"),
            "no more power can be on than the leg has",
            "this is a defect of the builder: report it with the sample keys",
            offends=_energised_within,
            needs=("facts.capacity",),
        ),
        reconciles("capacity_schedule", (*INTERVAL, "quarter_start"), ("facts.capacity", "staging.assumptions")),
    ),
    min_rows=0,
    may_be_empty_because="a ledger may know no power-on date",
    source="facts.capacity",
    hazards=(
        "a level, not a flow: never add quarters",
        "legs without a power-on date are never energised and have no rows",
    ),
)

COST_PER_GW = Table(
    stage="facts",
    name="cost_per_gw",
    summary="What a gigawatt costs by the estimates known on a day: lowest, median and highest.",
    grain="one row per component and interval of knowledge",
    key=("component", "known_from"),
    columns=(
        Column("component", "text", "", "what the figure contains", required=True, vocabulary="component"),
        KNOWN_FROM,
        KNOWN_TO,
        Column("estimates", "integer", "rows", "number of estimates known", required=True, at_least=1),
        Column("cost_low_usd_per_gw", "number", "USD/GW", "lowest bound or estimate", required=True, at_least=0),
        Column("cost_median_usd_per_gw", "number", "USD/GW", "median of the estimates with a point", at_least=0),
        Column("cost_high_usd_per_gw", "number", "USD/GW", "highest bound or estimate", required=True, at_least=0),
    ),
    rules=(
        rules.no_overlap(("component",)),
        rules.ordered_bounds("cost_low_usd_per_gw", "cost_median_usd_per_gw", "cost_high_usd_per_gw"),
    ),
    source="staging.cost_per_gw",
)

FINANCIALS = Table(
    stage="facts",
    name="financials",
    summary="Reported, guided and projected figures of the entities, every vintage.",
    grain=staging.FINANCIALS.grain,
    key=staging.FINANCIALS.key,
    columns=(
        _key("entity_id", "whose figure it is", "facts.entities.entity_id"),
        *(
            c
            for c in staging.FINANCIALS.columns
            if c not in staging.SOURCE_LINE and c.name not in {"entity_id", "source_id", "evidence", "note"}
        ),
        Column(
            "period_months",
            "integer",
            "",
            "length of the period in whole months, empty for a balance",
            at_least=1,
        ),
        EVIDENCE,
        SOURCE,
        Column("note", "text", "", "remarks of the researcher"),
    ),
    source="staging.financials",
    hazards=("sources disagree and figures are revised: choose one vintage before adding",),
)


def _coverage_consistent(frame: pl.DataFrame, _read: Read) -> pl.Series:
    ratio, due, revenue = pl.col("coverage_ratio"), pl.col("obligations_usd"), pl.col("revenue_usd")
    wrong = ((due == 0) != ratio.is_null()) & revenue.is_not_null() | (
        (ratio * due - revenue).abs() > RELATIVE_TOLERANCE * revenue.abs() + RELATIVE_TOLERANCE
    )
    return frame.select(wrong.fill_null(value=False)).to_series()


REVENUE_COVERAGE = Table(
    stage="facts",
    name="revenue_coverage",
    summary="Whether revenue and funding cover what falls due, by entity, calendar year, scenario and day known.",
    grain="one row per as-of day on which something of the entity changed, scenario, entity and year",
    key=("as_of_date", "scenario_id", "entity_id", "year"),
    columns=(
        Column("as_of_date", "date", "day", "day of knowledge", required=True),
        Column("scenario_id", "text", "", "the scenario", required=True, vocabulary="scenario"),
        _key("entity_id", "the entity", "facts.entities.entity_id"),
        Column("year", "integer", "", "calendar year", required=True, at_least=2015, at_most=2200),
        Column(
            "obligations_usd",
            "number",
            "USD",
            "purchases due, net and imputed, weighted, delayed and repriced",
            required=True,
            at_least=0,
        ),
        Column(
            "imputed_obligations_usd",
            "number",
            "USD",
            "the imputed part of obligations_usd",
            required=True,
            at_least=0,
        ),
        Column(
            "reported_revenue_usd",
            "number",
            "USD",
            "the part of revenue_usd that is reported",
            required=True,
            at_least=0,
        ),
        Column("revenue_usd", "number", "USD", "reported where known, else the scenario's path", at_least=0),
        Column(
            "funding_usd",
            "number",
            "USD",
            "equity and debt that falls due to the entity, weighted",
            required=True,
            at_least=0,
        ),
        Column(
            "coverage_ratio",
            "number",
            "fraction",
            "revenue_usd / obligations_usd, empty when nothing is due",
            at_least=0,
        ),
        Column(
            "opening_cash_usd",
            "number",
            "USD",
            "cash at the start of the year: the last balance before it, else the first in it; then what is left",
            at_least=0,
        ),
        Column(
            "funding_gap_usd",
            "number",
            "USD",
            "what obligations exceed revenue after other costs, funding and cash",
            at_least=0,
        ),
        Column(
            "projection_vintage",
            "text",
            "",
            "month of the projections that the path follows, empty if there are none",
        ),
    ),
    rules=(
        Rule(
            "coverage_consistent",
            ("coverage_ratio", "obligations_usd", "revenue_usd"),
            "the ratio is revenue over obligations, and unknown exactly when nothing is due",
            "this is a defect of the builder: report it with the sample keys",
            offends=_coverage_consistent,
        ),
    ),
    min_rows=0,
    may_be_empty_because="entities without any revenue row have no coverage rows, and a ledger may have none",
    source="facts.commitment_schedule, facts.commitments, facts.financials, staging.scenarios, staging.assumptions",
    hazards=(
        "one as_of_date and one scenario_id at a time; the latest row on or before a day is in force",
        "an unknown opening balance counts as nothing in funding_gap_usd: the gap is then an upper bound",
    ),
)

TABLES = (
    ENTITIES,
    SOURCES,
    DEALS,
    COST_PER_GW,
    CAPACITY,
    CAPACITY_SCHEDULE,
    COMMITMENTS,
    COMMITMENT_ALTERNATIVES,
    COMMITMENT_SCHEDULE,
    COMMITMENT_OUTSTANDING,
    FINANCIALS,
    REVENUE_COVERAGE,
)
