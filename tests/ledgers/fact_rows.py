"""Frames of facts, built row by row with only the values that a test needs."""

import datetime as dt

import polars as pl

from assets.facts.capacity import CAPACITY
from assets.facts.commitments import COMMITMENTS
from assets.facts.financials import FINANCIALS
from tests.ledgers import seed_files
from tests.ledgers.builder import frame

DEFAULTS = {
    "known_from": dt.date(2025, 1, 10),
    "known_to": None,
    "seed_known_from": dt.date(2025, 1, 10),
    "deal_id": "d",
    "flow": "compute_purchase",
    "certainty": "contracted",
    "evidence": "seen",
    "qualifier": "exact",
    "is_imputed_amount": False,
    "starts_on": dt.date(2026, 1, 1),
    "ends_on": dt.date(2028, 1, 1),
    "is_imputed_dates": False,
    "is_statement": False,
    "source_id": "s",
}


def leg(leg_id, payer, payee, usd, **more):
    """One interval of facts.commitments; its own share is the whole unless `net_amount_usd` is given."""
    amounts = dict.fromkeys(("amount_low_usd", "amount_usd", "amount_high_usd", "net_amount_usd"), usd)
    return DEFAULTS | {"leg_id": leg_id, "payer_id": payer, "payee_id": payee} | amounts | more


def funding(leg_id, payer, payee, usd, **more):
    day = more.pop("on", dt.date(2026, 3, 1))
    return leg(leg_id, payer, payee, usd, **{"flow": "debt", "starts_on": day, "ends_on": day} | more)


def commitments(*rows):
    return frame(COMMITMENTS, rows)


def no_capacity():
    return frame(CAPACITY, [])


def figure(entity, metric, value, **more):
    """One row of facts.financials."""
    given = {
        "entity_id": entity, "metric": metric, "unit": "USD", "value": value, "basis": "reported",
        "period_end": dt.date(2024, 12, 31), "known_from": dt.date(2025, 1, 5), "evidence": "seen", "source_id": "s",
    }  # fmt: skip
    return given | more


def financials(*rows):
    return frame(FINANCIALS, rows)


def entities(**kinds):
    """Entities by kind; each is listed on an exchange under its own name."""
    return pl.DataFrame(
        {"entity_id": list(kinds), "kind": list(kinds.values()), "ticker": [k.upper() for k in kinds]},
        schema={"entity_id": pl.String, "kind": pl.String, "ticker": pl.String},
    )


def seeds(name):
    """A seed file of judgements, with its values as numbers."""
    return pl.DataFrame(seed_files.project(name)).with_columns(pl.col("value").cast(pl.Float64))
