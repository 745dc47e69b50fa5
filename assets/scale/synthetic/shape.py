"""The proportions of a synthetic ledger, each number with its reason.

"The ledger" is the project's own, seeds/*.csv as of October 2026: 250 legs in 341 rows.
Not here: judgements about the world that enter a result (`seeds/assumptions.csv`); these numbers only shape the
synthetic ledger.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

LEAST_LEGS, MOST_LEGS = 100, 2_000_000
"""With fewer than 100 legs some kind of row would be missing; more than 2 million have not been measured."""

# --- time -------------------------------------------------------------------------------------------------------------

FIRST_DAY, LAST_DAY = dt.date(2019, 1, 1), dt.date(2026, 6, 30)
"""The range of days of knowledge, fixed so that a command writes the same bytes on every day; 2019 as in the ledger."""
DAYS_PER_ROOT_OF_LEGS = 10
"""The ledger has 157 days of knowledge for 250 legs: ten times the square root. Limited by the number of weekdays."""
LATER_ROWS = (0.73, 0.19, 0.05, 0.02, 0.01)
"""Share of legs with 0 to 4 later rows: 73 % of the ledger's legs have none, 22 % one, 5 % more."""
START_WITHIN_DAYS = 360
"""Payment begins within about a year of the first news."""
FEWEST_MONTHS, MOST_MONTHS = 12, 120
"""Periods of 1 to 10 years, short ones more often (u^1.25): 5 years on average, the median of the ledger."""
BOTH_DATES_SHARE, START_ONLY_SHARE = 0.55, 0.2
"""The ledger states 57 % of starts and 30 % of ends; more ends here, because a bank knows its contracts."""
BOTH_DATES_ALWAYS = ("lease", "backstop")
"""Without an end they would last the 20 years of the assumed tenor and make up a fifth of all quarters."""

# --- parties ----------------------------------------------------------------------------------------------------------

ENTITIES_PER_ROOT_OF_LEGS = 5
"""The ledger has 85 entities for 250 legs: five times the square root."""
KINDS: Mapping[str, float] = {
    "investor": 0.2,
    "developer": 0.15,
    "chip_vendor": 0.12,
    "neocloud": 0.12,
    "ai_lab": 0.1,
    "aggregate": 0.1,
    "other": 0.1,
    "hyperscaler": 0.06,
    "power": 0.05,
}
"""Shares of entities as in the ledger, joint ventures among the developers. At least two of each."""
PARTIES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "compute_purchase": (("ai_lab",), ("hyperscaler", "neocloud")),
    "chip_purchase": (("ai_lab", "hyperscaler", "neocloud"), ("chip_vendor",)),
    "lease": (("ai_lab", "neocloud"), ("developer",)),
    "infrastructure_build": (("developer", "hyperscaler"), ("power", "other", "aggregate")),
    "revenue_share": (("ai_lab",), ("hyperscaler",)),
    "equity_investment": (("investor",), ("ai_lab", "neocloud")),
    "debt": (("investor",), ("developer", "neocloud")),
    "backstop": (("chip_vendor",), ("neocloud",)),
    "warrant_grant": (("chip_vendor",), ("ai_lab",)),
}
"""The kinds of payer and payee per flow. No money returns without funding by suppliers, so all loops are planted ones.

Within a kind the r-th party is chosen with a weight of 1/r (Zipf): few large ones, many small ones. OpenAI alone is
payer or payee in 68 of the 500 positions of the ledger.
"""

# --- legs -------------------------------------------------------------------------------------------------------------

FLOWS: Mapping[str, float] = {
    "equity_investment": 0.24,
    "compute_purchase": 0.2,
    "debt": 0.15,
    "chip_purchase": 0.12,
    "lease": 0.09,
    "infrastructure_build": 0.09,
    "backstop": 0.04,
    "revenue_share": 0.04,
    "warrant_grant": 0.03,
}
"""Shares of flows among legs outside trees and loops; in the ledger 34, 18, 17, 10, 6, 6, 4, 2 and 3 %."""
PAIRS_SHARE, TRIPLES_SHARE = 0.02, 0.005
"""Planted loops of two and three parties per leg: with their purchases 5.5 % of the legs; in the ledger, 10 % of the
legs are funding.
"""
STATEMENTS_SHARE, ALTERNATIVES_SHARE = 0.02, 0.02
"""9 of the ledger's 250 legs are statements, 8 of its 341 rows alternatives."""
WHOLES_SHARE, MOST_PARTS = 0.05, 4
"""Wholes with 1 to 4 parts: 2.5 on average. 22 % of the ledger's legs are parts."""
DEEPER_SHARE, MOST_DEEPER_PARTS = 0.2, 3
"""Parts that have 1 to 3 parts themselves: three levels, as in the ledger."""
CROSSING_SHARE = 0.3
"""Parts with another payer: 16 of the ledger's 54."""
PARTS_AT_MOST = 0.9
"""The parts of a whole are at most this share of it, in the rows in force on the last day."""
UNDISCLOSED_SHARE = 0.06
"""Legs without a figure and without gigawatts."""
IMPUTED_SHARE, POWERED_SHARE = 0.08, 0.15
"""Purchases with gigawatts and without a figure, and with both: 18 % of the ledger's legs name gigawatts."""
EARLIER_UNDISCLOSED_SHARE = 0.1
"""Earlier rows of a leg without a figure."""
CANCELLED_SHARE = 0.15
"""Of the legs with later rows, those that the last row cancels: 4 % of all legs, 5 % in the ledger."""
LEGS_PER_DEAL = 2
"""125 deals for 250 legs."""
ROWS_PER_SOURCE = 2
"""The ledger cites 206 sources in 341 rows."""

# --- figures ----------------------------------------------------------------------------------------------------------

LEAST_CENTS, MOST_CENTS = 10_000_000_00, 250_000_000_000_00
"""Amounts follow a Pareto law with exponent 4/3 from 10 million to 250 billion dollars.

Sizes of firms and contracts have exponents between 1 and 2 (Gabaix 2009, Annual Review of Economics 1); 4/3 is used
because u^(-3/4) needs square roots only, which every machine rounds equally. The minimum is ten million, not the
ledger's 50, because a bank's ledger has smaller items; every bound stays above commitment_min_usd.
"""
WHOLE_MULTIPLE, MOST_WHOLE_CENTS = 40, 1_000_000_000_000_00
"""A framework agreement is larger than a contract, so that its smallest part is still a plausible promise.

At most a trillion dollars; the largest of the ledger has 0.86.
"""
FIRM_PERCENT, CEILING_PERCENT = 30, 200
"""Stated bounds: the firm part of an up_to, the upper bound of an at_least."""
BOUND_SHARE, LOW_ONLY_SHARE = 0.5, 0.3
"""Shares of these qualifiers with a stated bound; for at_least, with a lower bound and no point."""
REPEATED_DATES_SHARE = 0.5
"""Later rows that repeat the dates; the others leave them empty, which means unchanged."""
FACTOR_PERCENT = (60, 130)
"""An earlier figure as a percentage of the last one."""
IN_CENTS_SHARE = 0.2
"""Amounts stated to the cent; the others are multiples of 100,000 dollars."""
LEAST_MW, MOST_MW = 10, 5_000
"""Power has the same distribution, from 10 MW; the largest cloud purchase of the ledger has 5 GW."""
RAMP_MONTHS = (6, 36)
"""From first to full power: half a year for a hall, three years for a campus."""
BOTH_POWER_DATES_SHARE, FIRST_POWER_DATE_SHARE = 0.7, 0.15
"""More dates than in the ledger, so that many payments follow power; the rest falls due evenly over time."""
CAPACITY_LATER_SHARE = 0.25
"""Capacity legs with a second row, which has another figure and later power."""
QUALIFIERS: Mapping[str, float] = {"exact": 0.4, "about": 0.3, "up_to": 0.2, "at_least": 0.1}
"""In the ledger 33, 40, 19 and 8 % of the figures."""
EVIDENCE: Mapping[str, float] = {"seen": 0.75, "relayed": 0.2, "unverified": 0.05}
"""In the ledger 78, 21 and 2 %; a large ledger is checked less."""
CERTAINTIES = ("rumoured", "letter_of_intent", "announced", "contracted", "filed", "paid")
"""In ascending order; the first certainty of a leg is drawn evenly, without paid."""
COMPONENTS: Mapping[str, str] = {
    "chip_purchase": "chips",
    "lease": "shell_and_power",
    "infrastructure_build": "shell_and_power",
    "compute_purchase": "all_in",
}
"""The component that a gigawatt of a flow buys (METHODS, Imputed amounts)."""
VIEWS: Mapping[str, str] = {
    "chip_purchase": "chip",
    "lease": "site",
    "infrastructure_build": "site",
    "compute_purchase": "cloud",
}
COSTS_USD_PER_MW: Mapping[str, tuple[int, int, int]] = {
    "all_in": (50_000_000, 35_000_000, 60_000_000),
    "chips": (35_000_000, 14_000_000, 30_000_000),
    "shell_and_power": (15_000_000, 10_000_000, 12_000_000),
}
"""Three estimates per component, in the order in which they become known, similar to those in the ledger."""
MOST_WARRANTS = 8
"""The ledger has six; each is valued on every day with a price, so many would have more rows than the promises."""
