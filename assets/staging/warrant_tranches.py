"""staging.warrant_tranches: the tranches of warrants and their vesting conditions."""

from __future__ import annotations

from assets.core import fields, shared_rules
from assets.core.columns import day, gigawatts, integer, text, usd
from assets.core.table import Column
from assets.staging.columns import ID, seed

WARRANT_TRANCHES = seed(
    "warrant_tranches",
    "Parts of a warrant that vest under conditions of their own.",
    "one row per tranche",
    ("tranche_id",),
    (
        text("tranche_id", "short name of the tranche", required=True, pattern=ID),
        fields.here("warrant_id"),
        integer("seq", "order within the warrant", required=True, at_least=1),
        Column("shares", "number", "shares", "shares of the tranche, empty if undisclosed", at_least=1),
        gigawatts("gw_milestone", "power to be bought or delivered first", at_most=100),
        Column("share_price_hurdle_usd", "number", "USD/share", "price that the share must reach", at_least=0),
        usd("market_cap_hurdle_usd", "market value that must be reached"),
        text("other_condition", "further conditions in words"),
        text("status", "whether it has vested", required=True, vocabulary="tranche_status"),
        day("status_on", "day of that status", required=True),
        *fields.of("evidence", "source_id", "note"),
    ),
    (shared_rules.known_from_plausible("status_on"),),
    may_be_empty_because="a ledger need not contain a warrant",
)
