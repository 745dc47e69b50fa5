"""staging.prices: closing prices of listed shares."""

from __future__ import annotations

from assets.core import shared_rules
from assets.core.table import Column
from assets.staging.columns import SOURCE, SYMBOL, seed

PRICES = seed(
    "prices",
    "Closing prices of listed shares.",
    "one row per ticker and day",
    ("ticker", "date"),
    (
        Column("ticker", "text", "", "symbol of the share", required=True, pattern=SYMBOL),
        Column("date", "date", "day", "day of the close, known from that day on", required=True),
        Column("close", "number", "USD/share", "closing price", required=True, at_least=0.01, at_most=1e6),
        SOURCE,
    ),
    (shared_rules.known_from_plausible("date"),),
)
