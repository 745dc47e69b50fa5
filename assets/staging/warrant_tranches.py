"""staging.warrant_tranches: the tranches of warrants and their vesting conditions."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.table import Column
from assets.staging.columns import EVIDENCE, NOTE, SOURCE, identifier, reference, seed

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
    (shared_rules.known_from_plausible("status_on"),),
    may_be_empty_because="a ledger need not contain a warrant",
)
