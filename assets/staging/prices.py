"""staging.prices: closing prices of listed shares."""

from __future__ import annotations

from assets.core import fields, shared_rules
from assets.core.columns import day
from assets.core.table import Column
from assets.staging.columns import SYMBOL, seed

PRICES = seed(
    "prices",
    "Closing prices of listed shares.",
    "one row per ticker and day",
    ("ticker", "date"),
    (
        fields.here("ticker", required=True, pattern=SYMBOL),
        day("date", "day of the close, known from that day on", required=True),
        Column("close", "number", "USD/share", "closing price", required=True, at_least=0.01, at_most=1e6),
        *fields.of("source_id"),
    ),
    (shared_rules.known_from_plausible("date"),),
)
