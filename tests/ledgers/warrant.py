"""A ledger with one warrant for 100 shares at a strike of 10; the share price is 50, with 1000 shares outstanding."""

import datetime as dt

from assets.facts import capacity_schedule, commitments, entities, financials
from assets.facts.capacity import CAPACITY
from assets.staging.seeds import TABLES
from tests.ledgers.builder import frame
from tests.ledgers.memory import Given

DAY = dt.date(2026, 1, 2)

SEEDS = {t.name: t for t in TABLES}

ASSUMPTIONS = {
    "warrant_volatility_returns": 6,
    "warrant_volatility_min_returns": 4,
    "warrant_volatility_max_gap_days": 5,
    "warrant_default_volatility": 0.5,
    "warrant_trading_days": 252,
    "warrant_risk_free_rate": 0.04,
    "warrant_dividend_yield": 0,
    "warrant_grid_low_multiple": 0.5,
    "warrant_grid_high_multiple": 2,
    "warrant_grid_step_multiple": 0.5,
    "tenor_months_warrant_grant": 90,
}


def later(days: int) -> dt.date:
    return DAY + dt.timedelta(days)


def tranche(name: str, **values: object) -> dict[str, object]:
    """An unvested tranche without conditions, known from the day of the warrant."""
    return {"tranche_id": name, "warrant_id": "w", "seq": 1, "status": "unvested", "status_on": DAY, **values}


def small(
    tranches: list[dict[str, object]],
    *,
    closes: dict[int, float] | None = None,
    warrant: dict[str, object] | None = None,
    gw: float = 0.0,
    gw_known_from: dt.date = DAY,
    capacity: dict[str, object] | None = None,
    shares_outstanding: float | None = 1000.0,
) -> Given:
    """`closes` by days after the day of the warrant; `gw` is on for the holder from the issuer in every quarter."""
    terms = {
        "warrant_id": "w", "deal_id": "d", "issuer_id": "amd", "holder_id": "openai", "max_shares": 100.0,
        "strike_usd": 10.0, "issued_on": None, "expires_on": later(1460), "known_from": DAY,
    }  # fmt: skip
    leg = {
        "leg_id": "k", "known_from": gw_known_from, "deal_id": "d", "provider_id": "amd", "user_id": "openai",
        "view": "chip",
    }  # fmt: skip
    scheduled = {"leg_id": "k", "known_from": gw_known_from, "quarter_start": dt.date(2026, 1, 1)}
    shares = {"entity_id": "amd", "metric": "shares_outstanding", "value": shares_outstanding, "known_from": DAY}
    known = {0: 50.0} if closes is None else closes
    return Given(
        {
            "staging.warrants": frame(SEEDS["warrants"], [terms | (warrant or {})]),
            "staging.warrant_tranches": frame(SEEDS["warrant_tranches"], tranches),
            "staging.prices": frame(
                SEEDS["prices"], [{"ticker": "AMD", "date": later(d), "close": c} for d, c in known.items()]
            ),
            "staging.assumptions": frame(
                SEEDS["assumptions"], [{"assumption_id": n, "value": float(v)} for n, v in ASSUMPTIONS.items()]
            ),
            "facts.entities": frame(
                entities.ENTITIES, [{"entity_id": "amd", "ticker": "AMD"}, {"entity_id": "openai"}]
            ),
            "facts.commitments": frame(commitments.COMMITMENTS, []),
            "facts.capacity": frame(CAPACITY, [leg | (capacity or {})]),
            "facts.capacity_schedule": frame(
                capacity_schedule.CAPACITY_SCHEDULE, [scheduled | {"net_energised_gw": gw}]
            ),
            "facts.financials": frame(financials.FINANCIALS, [shares | {"period_end": DAY, "source_id": "s"}]),
        }
    )
