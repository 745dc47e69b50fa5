"""The smallest valid ledger, and the judgements that any test ledger needs."""

from __future__ import annotations

from tests.ledgers import seed_files
from tests.ledgers.seed_files import FEW, Seeds, row


def smallest() -> Seeds:
    """A valid ledger with one promise of 60 billion for a gigawatt, from which tests build other ledgers.

    The buyer states the same amount of spending, so that it is measurable; the seller states nothing.
    """
    found = {"evidence": "seen", "source_id": "s0"}
    known = {"deal_id": "d0", "known_from": "2025-01-01", "reading": "preferred", "qualifier": "exact", **found}
    seeds = judgements() | {
        "sources": [row("sources", source_id="s0", publisher="A paper", title="News", kind="news_report")],
        "entities": [
            row("entities", entity_id="buyer", name="Buyer", kind="ai_lab"),
            row("entities", entity_id="seller", name="Seller", kind="chip_vendor", ticker="SELL"),
        ],
        "deals": [
            row("deals", deal_id="d0", name="Deal", announced_on="2025-01-01", description="a deal", source_id="s0")
        ],
        "capacity": [
            row(
                "capacity",
                leg_id="k0",
                provider_id="seller",
                user_id="buyer",
                view="site",
                power_basis="facility",
                gw="1",
                stage="announced",
                **known,
            )
        ],
        "commitments": [
            row(
                "commitments",
                leg_id="l0",
                payer_id="buyer",
                payee_id="seller",
                flow="compute_purchase",
                amount_usd="60000000000",
                certainty="contracted",
                capacity_leg_id="k0",
                is_statement="false",
                **known,
            )
        ],
        "financials": [
            row(
                "financials",
                entity_id="buyer",
                metric="revenue",
                unit="USD",
                period_start="2024-01-01",
                period_end="2024-12-31",
                value="4000000000",
                basis="reported",
                known_from="2025-02-01",
                **found,
            ),
            row(
                "financials",
                entity_id="buyer",
                metric="compute_spend",
                unit="USD",
                period_start="2025-01-01",
                period_end="2030-12-31",
                value="60000000000",
                basis="projected",
                known_from="2025-02-01",
                **found,
            ),
        ],
        "prices": [row("prices", ticker="SELL", date="2025-02-03", close="100", source_id="s0")],
        "warrants": [],
        "warrant_tranches": [],
        "cost_per_gw": [
            row(
                "cost_per_gw",
                estimate_id="g0",
                estimator="somebody",
                component="all_in",
                usd_per_gw="50000000000",
                known_from="2025-01-01",
                **found,
            )
        ],
        "claims": [
            row(
                "claims",
                claim_id="unmeasured",
                source_id="s0",
                subject="buyer",
                statement="it was said",
                measure="nothing",
                qualifier="exact",
                expected_value="1",
                unit="flag",
                as_of="2025-03-01",
            )
        ],
    }
    return seed_files.whole(seeds)


def judgements() -> Seeds:
    """The assumptions and scenarios of the project, with few draws."""
    seeds = {name: seed_files.project(name) for name in ("assumptions", "scenarios")}
    for judgement in seeds["assumptions"]:
        judgement["value"] = FEW.get(judgement["assumption_id"], judgement["value"])
    return seeds
