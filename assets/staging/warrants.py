"""staging.warrants: warrants that a supplier issued."""

from __future__ import annotations

from assets.core import fields, shared_rules
from assets.core.columns import day, text, usd
from assets.core.table import Column
from assets.staging.columns import ID, seed

WARRANTS = seed(
    "warrants",
    "Rights to buy shares that suppliers grant to customers, and the reverse.",
    "one row per warrant",
    ("warrant_id",),
    (
        fields.here("warrant_id", pattern=ID, refers_to=""),
        *fields.of("deal_id", "issuer_id", "holder_id"),
        text("share_class", "class of the share"),
        fields.here("max_shares"),
        Column("strike_usd", "number", "USD/share", "price to pay per share", at_least=0),
        day("issued_on", "day of issue"),
        day("expires_on", "last day of exercise"),
        usd("fair_value_usd", "fair value as the issuer reports it"),
        day("fair_value_as_of", "day of that fair value"),
        text("vesting", "conditions in words", required=True),
        *fields.of("known_from", "evidence", "source_id", "note"),
    ),
    (shared_rules.known_from_plausible(), shared_rules.period_ordered("issued_on", "expires_on")),
    may_be_empty_because="a ledger need not contain a warrant",
)
