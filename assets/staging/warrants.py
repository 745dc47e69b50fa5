"""staging.warrants: warrants that a supplier issued."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.table import Column
from assets.staging.columns import DEAL, EVIDENCE, KNOWN_FROM, NOTE, SOURCE, identifier, reference, seed

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
    (shared_rules.known_from_plausible(), shared_rules.period_ordered("issued_on", "expires_on")),
    may_be_empty_because="a ledger need not contain a warrant",
)
