"""facts.deals: the deals, without file and line."""

from __future__ import annotations

from assets.facts.dimensions import dimension, dimension_step
from assets.staging import deals

DEALS = dimension(deals.DEALS, "deals")
STEP = dimension_step(DEALS)
