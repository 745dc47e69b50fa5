"""The columns that more than one table has, each declared once: what the name means, its unit and its limits.

A contract names them, `*fields.of("leg_id", "known_from")`, and declares only what it alone has. Where a table means
more by a name, or allows less, it says so: `fields.here("year", "calendar year that is cleared", at_most=None)`.
References are those of `facts` and later stages; a seed refers to the seed of the same name.
Not here: columns of one table (its contract), labels for BI tools (`assets.bi.tables`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

from assets.core import suggestions
from assets.core.columns import Limits, day, flag, gigawatts, integer, mixed, ratio, share, text, usd
from assets.core.table import Column

ENTITY = "facts.entities.entity_id"

_DECLARED = (
    # Who
    text("entity_id", "short name of the entity", required=True, refers_to=ENTITY),
    text("payer_id", "who pays", required=True, refers_to=ENTITY),
    text("payee_id", "who is paid", required=True, refers_to=ENTITY),
    text("provider_id", "who provides the power or the chips", required=True, refers_to=ENTITY),
    text("user_id", "who uses the power, empty if not named", refers_to=ENTITY),
    text("supplier_id", "who sells", required=True, refers_to=ENTITY),
    text("issuer_id", "whose shares they are", required=True, refers_to=ENTITY),
    text("holder_id", "who may buy the shares", required=True, refers_to=ENTITY),
    text("name", "name as people write it", required=True),
    text("country", "two-letter country of the site"),
    text("ticker", "symbol of the listed share"),
    # Deals, legs, warrants, claims
    text("deal_id", "short name of the deal", required=True, refers_to="facts.deals.deal_id"),
    text("leg_id", "short name of the leg; its versions share it", required=True),
    text("part_of_leg_id", "the larger leg that repeats this one, once it is known"),
    text("funds_leg_id", "the leg that this money pays for, once it is known"),
    text("capacity_leg_id", "the gigawatts that the money buys, once they are known"),
    text("flow", "what the money is for", required=True, vocabulary="flow"),
    text("certainty", "how firm the promise is", required=True, vocabulary="certainty"),
    text("qualifier", "how the figure is meant", required=True, vocabulary="qualifier"),
    text("reading", "counted, or a competing figure", required=True, vocabulary="reading"),
    flag("is_statement", "a statement about other legs: in no total, without schedule", required=True),
    text("warrant_id", "short name of the warrant", required=True, refers_to="staging.warrants.warrant_id"),
    text("claim_id", "short name of the claim", required=True, refers_to="staging.claims.claim_id"),
    text("statement", "the claim in a sentence", required=True),
    # Where it comes from
    text("source_id", "where the fact was read", required=True, refers_to="facts.sources.source_id"),
    text("evidence", "how well the source was checked", required=True, vocabulary="evidence"),
    text("note", "remarks of the researcher"),
    text("reason", "why this value", required=True),
    text("source", "where the value comes from", required=True),
    text("source_file", "file of seeds/ that the row comes from", required=True),
    integer("source_line", "line of that file, the header is line 1", required=True, at_least=2),
    # Days
    day("known_from", "first day on which the row is known and in force", required=True),
    day("known_to", "day from which it is replaced, empty while it is in force"),
    day("seed_known_from", "known_from of the row of seeds/ that it comes from", required=True),
    day("as_of_date", "day of knowledge", required=True),
    day("starts_on", "first day of payment"),
    day("ends_on", "day after the last payment"),
    flag("is_imputed_dates", "a date was not stated and is assumed", required=True),
    day("first_power_on", "first power, empty if unknown"),
    day("full_power_on", "full power, empty if unknown"),
    day("quarter_start", "first day of the quarter", required=True),
    integer("year", "calendar year", required=True, at_least=2015, at_most=2200),
    # Money
    usd("amount_low_usd", "the promise, lower bound"),
    usd("amount_usd", "the promise, point"),
    usd("amount_high_usd", "the promise, upper bound"),
    usd("net_amount_usd", "own share: the promise less its parts in force"),
    flag("is_imputed_amount", "gigawatts times cost per gigawatt, not a stated figure", required=True),
    usd("gross_commitment_usd", "disclosed purchases that it pays, parts counted again"),
    usd("net_commitment_usd", "disclosed own shares"),
    usd("imputed_commitment_usd", "imputed own shares"),
    usd("outstanding_commitment_usd", "disclosed own shares due on or after the day", required=True),
    usd("outstanding_imputed_usd", "imputed own shares due on or after the day", required=True),
    usd("purchases_usd", "what the holder promised to buy from the issuer, own shares in force, disclosed and imputed"),
    usd("funding_usd", "equity and debt that falls due to the entity, weighted", required=True),
    # Power
    text("site", "name or place of the site"),
    text("view", "the side from which the power is described", required=True, vocabulary="view"),
    text("power_basis", "which power is meant", required=True, vocabulary="power_basis"),
    text("stage", "how far it is built", required=True, vocabulary="stage"),
    gigawatts("capacity_gw", "promised power, point"),
    gigawatts("energised_gw", "energised at the end of the quarter", required=True),
    flag("is_mixed_power_basis", "the sum mixes it_load and facility power: approximate", required=True),
    text("component", "what the figure contains", required=True, vocabulary="component"),
    # Figures of companies, claims and assumptions
    mixed("value", "the value, in the row's unit"),
    text("unit", "unit of the values", required=True),
    text("definition", "what the figure contains, where that is not the usual definition"),
    mixed("expected_low", "lower bound of the claim, in its unit"),
    mixed("expected_value", "figure of the claim, in its unit"),
    mixed("expected_high", "upper bound of the claim, in its unit"),
    # Answers
    text("scenario_id", "the scenario", required=True, vocabulary="scenario"),
    text("amount_basis", "point or expected amount", required=True, vocabulary="amount_basis"),
    share("circular_share", "circulating_usd / total_usd: the upper view", required=True),
    text("not_measurable_because", "why the ledger cannot say whether the entity can pay; empty where it can"),
    integer("draws", "how many draws", at_least=1),
    usd(
        "model_value_usd",
        "tranches as up-and-in calls, hurdles watched daily; without power conditions; empty from the expiry on",
    ),
    Column("share_price_usd", "number", "USD/share", "last known close, empty if none is known", at_least=0),
    Column("max_shares", "number", "shares", "shares if everything vests", at_least=1),
    Column(
        "shares_counted",
        "number",
        "shares",
        "shares of tranches that have not lapsed; what no known tranche holds is assumed to be one without hurdle",
        at_least=0,
    ),
    ratio(
        "offset_ratio",
        "model value / purchases: the share of the price of the chips that the warrant gives back, on assumptions",
    ),
    text("run_id", "run of Dagster", required=True),
    # One word for several things: each table says which
    text("kind", "what sort it is", required=True),
    text("basis", "which promises are counted", required=True, vocabulary="graph_basis"),
    text("measure", "what is measured in the ledger", required=True),
    text("description", "the deal in a sentence", required=True),
    text("path", "the parties in the order of payment", required=True),
    text("table_name", "name of the table", required=True),
    integer("position", "place in the table, the first is 1", required=True, at_least=1),
    usd("stated_usd", "what the company itself says"),
    Column("difference_usd", "number", "USD", "the figure of the ledger less that of the company"),
)

FIELDS = {column.name: column for column in _DECLARED}


def of(*names: str) -> tuple[Column, ...]:
    """The fields of these names, in this order.

    Errors: KeyError that names the field that is not declared, and the one that was probably meant.
    """
    return tuple(here(name) for name in names)


def here(name: str, meaning: str = "", **limits: Unpack[Limits]) -> Column:
    """The field as one table has it: with a meaning of its own, or other limits; kind and unit are always the same.

    Errors: as for `of`.
    """
    if name not in FIELDS:
        meant = suggestions.nearest(name, FIELDS)
        raise KeyError(f"{name!r} is no field of assets/core/fields.py" + (f": did you mean {meant}?" if meant else ""))
    field = FIELDS[name]
    return replace(field, description=meaning or field.description, **limits)
