"""Rights to buy shares, and the parts in which they vest."""

from __future__ import annotations

from assets.contracts import rules
from assets.contracts.model import Column
from assets.contracts.staging.columns import DEAL, EVIDENCE, KNOWN_FROM, NOTE, SOURCE, identifier, reference, seed

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
    (rules.known_from_plausible(), rules.period_ordered("issued_on", "expires_on")),
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
    (rules.known_from_plausible("status_on"),),
    may_be_empty_because="a ledger need not contain a warrant",
)
