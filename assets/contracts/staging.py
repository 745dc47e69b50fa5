"""Contracts of the seeds once they are typed: one table per file of `seeds/`.

The raw contracts (`assets.contracts.raw`) follow from these: the same columns as text. Column descriptions here are the
ones that BI tools show.
"""

from __future__ import annotations

import polars as pl

from assets.contracts import rules
from assets.contracts.model import Column, Read, Rule, Table

ID = r"^[a-z0-9][a-z0-9_]*$"
SOURCE_LINE = (
    Column("source_file", "text", "", "file of seeds/ that the row comes from", required=True),
    Column("source_line", "integer", "", "line of that file, the header is line 1", required=True, at_least=2),
)


def identifier(name: str, description: str) -> Column:
    """The key of a table of things."""
    return Column(name, "text", "", description, required=True, pattern=ID)


def reference(name: str, table: str, key: str, description: str, *, required: bool = False) -> Column:
    """A column that points to a row of another staging table."""
    return Column(name, "text", "", description, required=required, refers_to=f"staging.{table}.{key}")


def seed(
    name: str, summary: str, grain: str, key: tuple[str, ...], columns: tuple[Column, ...], **more: object
) -> Table:
    """A staging table: the columns of the file, then where each row stands; with the rule that every cell could be read."""
    own = more.pop("rules", ())
    table = Table(
        stage="staging",
        name=name,
        summary=summary,
        grain=grain,
        key=key,
        columns=(*columns, *SOURCE_LINE),
        source=f"seeds/{name}.csv",
        **more,  # type: ignore[arg-type]  # the rest goes to Table unchanged
    )
    return table.with_rules((rules.parsable(tuple(c.name for c in columns)), *own))  # type: ignore[misc]  # as above


KNOWN_FROM = Column("known_from", "date", "day", "first day on which the row was public", required=True)
EVIDENCE = Column("evidence", "text", "", "how well the source was checked", required=True, vocabulary="evidence")
SOURCE = reference("source_id", "sources", "source_id", "where the fact was read", required=True)
NOTE = Column("note", "text", "", "remarks of the researcher")
DEAL = reference("deal_id", "deals", "deal_id", "the deal to which the row belongs", required=True)

ENTITIES = seed(
    "entities",
    "Companies, vehicles and groups that pay or are paid.",
    "one row per entity",
    ("entity_id",),
    (
        identifier("entity_id", "short name of the entity, the key everywhere"),
        Column("name", "text", "", "name as people write it", required=True),
        Column(
            "kind",
            "text",
            "",
            "what the entity does; an aggregate is never a station",
            required=True,
            vocabulary="entity_kind",
        ),
        Column("ticker", "text", "", "symbol of the listed share", pattern=r"^[A-Z0-9.\-]+$"),
        Column("cik", "text", "", "number in the SEC's register", pattern=r"^[0-9]{1,10}$"),
        Column("country", "text", "", "two-letter country of the seat", pattern=r"^[A-Z]{2}$"),
    ),
)

SOURCES = seed(
    "sources",
    "Documents and pages from which the figures were read.",
    "one row per source",
    ("source_id",),
    (
        identifier("source_id", "short name of the source"),
        Column("publisher", "text", "", "who published it", required=True),
        Column("title", "text", "", "its title", required=True),
        Column("published_on", "date", "day", "day of publication, empty if not stated"),
        Column("url", "text", "", "address, empty if there is none", pattern=r"^https?://\S+$"),
        Column("kind", "text", "", "what sort of document it is", required=True, vocabulary="source_kind"),
    ),
)

DEALS = seed(
    "deals",
    "Deals: what belongs together because it was agreed together.",
    "one row per deal",
    ("deal_id",),
    (
        identifier("deal_id", "short name of the deal"),
        Column("name", "text", "", "name as people write it", required=True),
        Column("announced_on", "date", "day", "first public day", required=True),
        Column("description", "text", "", "the deal in a sentence", required=True),
        SOURCE,
    ),
    rules=(rules.known_from_plausible("announced_on"),),
)


def _no_self_deal(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["payer_id"] == frame["payee_id"]).fill_null(value=False)


def _start_before_end(frame: pl.DataFrame, _read: Read) -> pl.Series:
    exempt = pl.col("is_statement") | (pl.col("certainty") == "cancelled")
    one_day = pl.col("flow").is_in(["equity_investment", "debt"])
    start, end = pl.col("starts_on"), pl.col("ends_on")
    return frame.select((~exempt & ((start > end) | (~one_day & (start == end)))).fill_null(value=False)).to_series()


def _beyond_parent(frame: pl.DataFrame, _read: Read) -> pl.Series:
    """Last versions only: the children's sum against the parent's point, in the seeds as they stand."""
    point = pl.coalesce("amount_usd", "amount_low_usd")
    last = (
        frame.filter((pl.col("reading") == "preferred") & ~pl.col("is_statement"))
        .sort("known_from")
        .unique("leg_id", keep="last")
        .filter(pl.col("certainty") != "cancelled")
    )
    parts = last.group_by(pl.col("part_of_leg_id").alias("leg_id")).agg(point.sum().alias("parts_usd"))
    beyond = last.join(parts, on="leg_id").filter(pl.col("parts_usd") > point * (1 + 1e-9))
    return frame.select(
        pl.struct("leg_id", "known_from", "reading").is_in(
            beyond.select(pl.struct("leg_id", "known_from", "reading")).to_series().implode()
        )
    ).to_series()


def _undisclosed_with_point(frame: pl.DataFrame, _read: Read) -> pl.Series:
    figure = pl.any_horizontal(pl.col("amount_usd").is_not_null(), pl.col("amount_low_usd").is_not_null())
    named = pl.col("qualifier") == "undisclosed"
    return frame.select((named & figure & (pl.col("certainty") != "cancelled")).fill_null(value=False)).to_series()


COMMITMENTS = seed(
    "commitments",
    "Promises of money: one directed leg in one version.",
    "one row per leg, version and reading",
    ("leg_id", "known_from", "reading"),
    (
        identifier("leg_id", "short name of the leg; its versions share it"),
        DEAL,
        reference("payer_id", "entities", "entity_id", "who pays", required=True),
        reference("payee_id", "entities", "entity_id", "who is paid", required=True),
        Column("flow", "text", "", "what the money is for", required=True, vocabulary="flow"),
        Column("amount_low_usd", "number", "USD", "stated lower bound or firm part", at_least=0),
        Column("amount_usd", "number", "USD", "stated figure", at_least=0),
        Column("amount_high_usd", "number", "USD", "stated upper bound", at_least=0),
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        Column("starts_on", "date", "day", "first day of payment, empty if unknown"),
        Column("ends_on", "date", "day", "day after the last payment, empty if unknown"),
        Column("certainty", "text", "", "how firm the promise is", required=True, vocabulary="certainty"),
        KNOWN_FROM,
        Column(
            "part_of_leg_id",
            "text",
            "",
            "the larger leg that repeats this one",
            refers_to="staging.commitments.leg_id",
        ),
        Column(
            "funds_leg_id",
            "text",
            "",
            "the leg that this money pays for",
            refers_to="staging.commitments.leg_id",
        ),
        reference("capacity_leg_id", "capacity", "leg_id", "the gigawatts that the money buys"),
        Column("is_statement", "flag", "", "a statement about other legs: in no total", required=True),
        Column("reading", "text", "", "counted, or a competing figure", required=True, vocabulary="reading"),
        EVIDENCE,
        SOURCE,
        NOTE,
    ),
    rules=(
        rules.known_from_plausible(),
        rules.one_preferred_version("leg_id"),
        rules.ordered_bounds("amount_low_usd", "amount_usd", "amount_high_usd"),
        rules.plausible_magnitude(
            ("amount_low_usd", "amount_usd", "amount_high_usd"),
            "commitment_min_usd",
            "commitment_max_usd",
            "US dollars",
        ),
        rules.containment_acyclic("leg_id"),
        Rule(
            "no_self_deal",
            ("payer_id", "payee_id"),
            "a promise to oneself is no promise",
            "correct the payer or the payee",
            offends=_no_self_deal,
        ),
        Rule(
            "start_before_end",
            ("starts_on", "ends_on", "flow"),
            "a period must not be empty (equity and debt may start and end on one day; statements and cancelled rows are exempt)",
            "make starts_on earlier than ends_on",
            offends=_start_before_end,
        ),
        Rule(
            "parts_within_whole",
            ("leg_id", "amount_usd", "part_of_leg_id"),
            "the parts of this leg add up to more than the leg: real ledgers lag, its own share counts as 0",
            "check whether the total was raised since, or a part belongs elsewhere",
            severity="warning",
            offends=_beyond_parent,
        ),
        Rule(
            "undisclosed_without_figure",
            ("qualifier", "amount_usd", "amount_low_usd"),
            "undisclosed means that no figure was given",
            "clear the figure, or say how it is meant: exact, about, up_to, at_least",
            offends=_undisclosed_with_point,
        ),
    ),
)


def _gw_by_view(frame: pl.DataFrame, read: Read) -> pl.Series:
    low = rules.assumption(read, "capacity_min_gw")
    high = pl.lit(None, dtype=pl.Float64)
    for view in ("site", "chip", "cloud", "statement"):
        high = pl.when(pl.col("view") == view).then(rules.assumption(read, f"capacity_max_{view}_gw")).otherwise(high)
    return frame.select(((pl.col("gw") < low) | (pl.col("gw") > high)).fill_null(value=False)).to_series()


def _power_on_ordered(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return (frame["first_power_on"] > frame["full_power_on"]).fill_null(value=False)


CAPACITY = seed(
    "capacity",
    "Promises of power: one leg in one version.",
    "one row per leg, version and reading",
    ("leg_id", "known_from", "reading"),
    (
        identifier("leg_id", "short name of the leg; its versions share it"),
        DEAL,
        reference("provider_id", "entities", "entity_id", "who provides the power or the chips", required=True),
        reference("user_id", "entities", "entity_id", "who uses it, empty if not named"),
        Column("site", "text", "", "where it stands"),
        Column("country", "text", "", "two-letter country of the site", pattern=r"^[A-Z]{2}$"),
        Column("view", "text", "", "the side from which the power is described", required=True, vocabulary="view"),
        Column("power_basis", "text", "", "which power is meant", required=True, vocabulary="power_basis"),
        Column("gw", "number", "GW", "stated figure, empty if undisclosed"),
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        Column("first_power_on", "date", "day", "first power, empty if unknown"),
        Column("full_power_on", "date", "day", "full power, empty if unknown"),
        Column("stage", "text", "", "how far it is built", required=True, vocabulary="stage"),
        KNOWN_FROM,
        Column(
            "part_of_leg_id",
            "text",
            "",
            "the larger leg that repeats this one",
            refers_to="staging.capacity.leg_id",
        ),
        Column("reading", "text", "", "counted, or a competing figure", required=True, vocabulary="reading"),
        EVIDENCE,
        SOURCE,
        NOTE,
    ),
    rules=(
        rules.known_from_plausible(),
        rules.one_preferred_version("leg_id"),
        rules.containment_acyclic("leg_id"),
        Rule(
            "plausible_gigawatts",
            ("gw", "view"),
            "a figure outside the bounds of its view (assumptions capacity_min_gw, capacity_max_*_gw) is almost always megawatts",
            "write gigawatts: 168 MW is 0.168",
            offends=_gw_by_view,
            needs=("staging.assumptions",),
        ),
        Rule(
            "power_on_ordered",
            ("first_power_on", "full_power_on"),
            "full power cannot come before first power",
            "make first_power_on <= full_power_on",
            offends=_power_on_ordered,
        ),
    ),
)


def _has_figure(frame: pl.DataFrame, _read: Read) -> pl.Series:
    return frame.select(pl.all_horizontal(pl.col("low_value", "value", "high_value").is_null())).to_series()


FINANCIALS = seed(
    "financials",
    "Reported, guided and projected figures of the entities.",
    "one row per entity, metric, definition, period, day known, source and basis",
    ("entity_id", "metric", "definition", "period_start", "period_end", "known_from", "source_id", "basis"),
    (
        reference("entity_id", "entities", "entity_id", "whose figure it is", required=True),
        Column("metric", "text", "", "what is measured", required=True, vocabulary="metric"),
        Column("definition", "text", "", "definition where it differs from the usual one"),
        Column("unit", "text", "", "unit of the figure", required=True, vocabulary="figure_unit"),
        Column("period_start", "date", "day", "first day of the period, empty for a balance"),
        Column("period_end", "date", "day", "last day of the period, or the day of the balance", required=True),
        Column("low_value", "number", "mixed", "stated lower bound, in the row's unit"),
        Column("value", "number", "mixed", "stated figure, in the row's unit"),
        Column("high_value", "number", "mixed", "stated upper bound, in the row's unit"),
        Column("basis", "text", "", "who says so, about past or future", required=True, vocabulary="basis"),
        KNOWN_FROM,
        Column("xbrl_tag", "text", "", "tag of the figure in the filing"),
        EVIDENCE,
        SOURCE,
        NOTE,
    ),
    rules=(
        rules.known_from_plausible(),
        rules.ordered_bounds("low_value", "value", "high_value"),
        rules.plausible_magnitude(("low_value", "value", "high_value"), "figure_min", "figure_max", "units"),
        rules.period_ordered("period_start", "period_end"),
        Rule(
            "has_figure",
            ("low_value", "value", "high_value"),
            "a row without any figure says nothing",
            "fill in at least one of low_value, value, high_value",
            offends=_has_figure,
        ),
    ),
)

PRICES = seed(
    "prices",
    "Closing prices of listed shares.",
    "one row per ticker and day",
    ("ticker", "date"),
    (
        Column("ticker", "text", "", "symbol of the share", required=True, pattern=r"^[A-Z0-9.\-]+$"),
        Column("date", "date", "day", "day of the close, known from that day on", required=True),
        Column("close", "number", "USD/share", "closing price", required=True, at_least=0.01, at_most=1e6),
        SOURCE,
    ),
    rules=(rules.known_from_plausible("date"),),
)

WARRANTS = seed(
    "warrants",
    "Rights to buy shares that suppliers grant to customers, and the reverse.",
    "one row per warrant",
    ("warrant_id",),
    (
        identifier("warrant_id", "short name of the warrant"),
        DEAL,
        reference("issuer_id", "entities", "entity_id", "whose shares they are", required=True),
        reference("holder_id", "entities", "entity_id", "who may buy", required=True),
        Column("share_class", "text", "", "class of the share"),
        Column("max_shares", "number", "shares", "shares if everything vests", at_least=1),
        Column("strike_usd", "number", "USD/share", "price to pay per share", at_least=0),
        Column("issued_on", "date", "day", "day of issue"),
        Column("expires_on", "date", "day", "last day of exercise"),
        Column("fair_value_usd", "number", "USD", "fair value as the issuer reports it", at_least=0),
        Column("fair_value_as_of", "date", "day", "day of that fair value"),
        Column("vesting", "text", "", "conditions in words", required=True),
        KNOWN_FROM,
        EVIDENCE,
        SOURCE,
        NOTE,
    ),
    rules=(rules.known_from_plausible(), rules.period_ordered("issued_on", "expires_on")),
    min_rows=0,
    may_be_empty_because="a ledger need not contain a warrant",
)

WARRANT_TRANCHES = seed(
    "warrant_tranches",
    "Parts of a warrant that vest under conditions of their own.",
    "one row per tranche",
    ("tranche_id",),
    (
        identifier("tranche_id", "short name of the tranche"),
        reference("warrant_id", "warrants", "warrant_id", "the warrant", required=True),
        Column("seq", "integer", "", "order within the warrant", required=True, at_least=1),
        Column("shares", "number", "shares", "shares of the tranche, empty if undisclosed", at_least=1),
        Column("gw_milestone", "number", "GW", "power to be bought or delivered first", at_least=0, at_most=100),
        Column("share_price_hurdle_usd", "number", "USD/share", "price that the share must reach", at_least=0),
        Column("market_cap_hurdle_usd", "number", "USD", "market value that must be reached", at_least=0),
        Column("other_condition", "text", "", "further conditions in words"),
        Column("status", "text", "", "whether it has vested", required=True, vocabulary="tranche_status"),
        Column("status_on", "date", "day", "day of that status", required=True),
        EVIDENCE,
        SOURCE,
        NOTE,
    ),
    min_rows=0,
    may_be_empty_because="a ledger need not contain a warrant",
)

COST_PER_GW = seed(
    "cost_per_gw",
    "Published estimates of what a gigawatt costs.",
    "one row per estimate",
    ("estimate_id",),
    (
        identifier("estimate_id", "short name of the estimate"),
        Column("estimator", "text", "", "who estimates", required=True),
        Column("component", "text", "", "what the figure contains", required=True, vocabulary="component"),
        Column("low_usd_per_gw", "number", "USD/GW", "lower bound", at_least=1e8, at_most=1e12),
        Column("usd_per_gw", "number", "USD/GW", "estimate", at_least=1e8, at_most=1e12),
        Column("high_usd_per_gw", "number", "USD/GW", "upper bound", at_least=1e8, at_most=1e12),
        KNOWN_FROM,
        EVIDENCE,
        SOURCE,
        NOTE,
    ),
    rules=(
        rules.known_from_plausible(),
        rules.ordered_bounds("low_usd_per_gw", "usd_per_gw", "high_usd_per_gw"),
    ),
)

CLAIMS = seed(
    "claims",
    "The measurable sentences of the founding article.",
    "one row per claim",
    ("claim_id",),
    (
        identifier("claim_id", "short name of the claim"),
        SOURCE,
        Column("paragraph", "integer", "", "paragraph of the article", at_least=1),
        reference("subject", "entities", "entity_id", "whom it is about", required=True),
        Column("statement", "text", "", "the claim in a sentence", required=True),
        Column("measure", "text", "", "what is measured in the ledger", required=True),
        Column("qualifier", "text", "", "how the figure is meant", required=True, vocabulary="qualifier"),
        Column("expected_low", "number", "mixed", "lower bound of the claim, in its unit"),
        Column("expected_value", "number", "mixed", "figure of the claim, in its unit"),
        Column("expected_high", "number", "mixed", "upper bound of the claim, in its unit"),
        Column("unit", "text", "", "unit of the claim", required=True, vocabulary="claim_unit"),
        Column("as_of", "date", "day", "day on which it is measured", required=True),
        NOTE,
    ),
    rules=(rules.ordered_bounds("expected_low", "expected_value", "expected_high"),),
)

SCENARIOS = seed(
    "scenarios",
    "What is assumed to become of the promises, per scenario.",
    "one row per scenario and parameter",
    ("scenario_id", "parameter"),
    (
        Column("scenario_id", "text", "", "the scenario", required=True, vocabulary="scenario"),
        Column("parameter", "text", "", "what the value sets", required=True, vocabulary="scenario_parameter"),
        Column("value", "number", "mixed", "the value", required=True, at_least=0, at_most=100),
        Column("unit", "text", "", "unit of the value", required=True),
        Column("reason", "text", "", "why this value", required=True),
        Column("source", "text", "", "where the value comes from", required=True),
    ),
    rules=(
        Rule(
            "complete_scenarios",
            ("scenario_id", "parameter"),
            "every scenario needs a value for every parameter",
            "add the missing rows: one per scenario and parameter",
            offends=lambda frame, _read: frame.select(
                pl.len().over("scenario_id") != pl.col("parameter").n_unique()
            ).to_series(),
        ),
        Rule(
            "probabilities",
            ("parameter", "value"),
            "a probability or share lies between 0 and 1",
            "write 0.3 for 30 %",
            offends=lambda frame, _read: frame.select(
                pl.col("parameter").str.contains(r"^(p_|is_|up_to)") & (pl.col("value") > 1)
            ).to_series(),
        ),
    ),
)

ASSUMPTIONS = seed(
    "assumptions",
    "Judgements that have a number.",
    "one row per assumption",
    ("assumption_id",),
    (
        identifier("assumption_id", "short name of the assumption"),
        Column("value", "number", "mixed", "the value", required=True),
        Column("unit", "text", "", "unit of the value", required=True),
        Column("reason", "text", "", "why this value", required=True),
        Column("source", "text", "", "where the value comes from", required=True),
    ),
)

TABLES = (
    ASSUMPTIONS,
    SCENARIOS,
    ENTITIES,
    SOURCES,
    DEALS,
    CAPACITY,
    COMMITMENTS,
    FINANCIALS,
    PRICES,
    WARRANTS,
    WARRANT_TRANCHES,
    COST_PER_GW,
    CLAIMS,
)
