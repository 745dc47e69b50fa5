"""The closed vocabularies of the ledger, each value with its definition. Nothing else defines a word."""

from __future__ import annotations

from collections.abc import Mapping

VOCABULARIES: Mapping[str, Mapping[str, str]] = {
    "flow": {
        "compute_purchase": "a customer buys computing capacity as a service",
        "chip_purchase": "a customer buys chips or systems",
        "lease": "a tenant rents a site or equipment",
        "infrastructure_build": "a builder pays for data centres, power or equipment",
        "revenue_share": "a share of revenue paid to a partner",
        "equity_investment": "money for a share in the company",
        "debt": "a loan, note or credit line",
        "backstop": "a guarantee: money flows only if somebody else does not pay or does not come",
        "warrant_grant": "a right to buy the grantor's shares",
    },
    "certainty": {
        "rumoured": "reported from unnamed sources, not confirmed",
        "letter_of_intent": "signed, but not binding",
        "announced": "stated by a party, terms not known to be binding",
        "contracted": "a definitive agreement is reported or stated",
        "filed": "stands in a regulatory filing",
        "paid": "the money has moved",
        "cancelled": "withdrawn or replaced: carries nothing from then on",
    },
    "qualifier": {
        "exact": "the figure as stated",
        "about": "rounded or approximate",
        "up_to": "a ceiling, of which only a stated part is firm",
        "at_least": "a floor",
        "undisclosed": "no figure was given",
    },
    "evidence": {
        "seen": "the source, or a page that states the figure, was read",
        "relayed": "an independent text quotes the document, which was not opened",
        "unverified": "neither",
    },
    "reading": {
        "preferred": "the figure that is counted",
        "alternative": "a competing figure: kept, never counted",
    },
    "view": {
        "site": "data centres: where the power is",
        "chip": "chips and systems that use the power",
        "cloud": "capacity sold as a service",
        "statement": "a company's own total: overlaps the others, in no sum",
    },
    "power_basis": {
        "facility": "power of the whole site, cooling included",
        "it_load": "power that reaches the computers",
        "unknown": "the source does not say",
    },
    "stage": {
        "announced": "no building work known",
        "under_construction": "being built",
        "energised": "at least partly running",
        "cancelled": "withdrawn: carries nothing from then on",
    },
    "entity_kind": {
        "ai_lab": "develops and sells AI models",
        "chip_vendor": "sells chips or memory",
        "hyperscaler": "sells cloud services at world scale",
        "neocloud": "rents out accelerators",
        "developer": "builds data centres or power for them",
        "power": "electric utility",
        "investor": "funds others",
        "joint_venture": "vehicle of several owners",
        "aggregate": "many parties under one name: an end of a payment, never a station",
        "other": "none of these",
    },
    "source_kind": {
        "filing": "regulatory filing",
        "press_release": "release of a party",
        "company_statement": "other statement of a party",
        "news_report": "reporting",
        "analysis": "analysis or compilation",
    },
    "metric": {
        "revenue": "sales of the period",
        "annualised_revenue_run_rate": "recent sales extrapolated to a year",
        "net_income": "profit after tax; negative is a loss",
        "net_loss": "loss after tax; positive is a loss",
        "operating_loss": "operating loss; positive is a loss",
        "adjusted_loss": "loss by the company's own definition; positive is a loss",
        "operating_cash_flow": "cash from operations",
        "cash_burn": "cash used; positive when cash is used",
        "capex": "purchases of property and equipment",
        "cash": "cash and what the definition adds to it",
        "total_debt": "borrowings",
        "rpo": "remaining performance obligations or backlog",
        "purchase_commitments": "what the company says it has promised to buy",
        "compute_spend": "cost of computing",
        "valuation": "value of the equity",
        "shares_outstanding": "number of shares",
    },
    "basis": {
        "reported": "stated by the company for a past period",
        "reported_by_press": "press figure for a past period",
        "guided": "company guidance for a coming period",
        "projected": "projection for a coming period",
    },
    "figure_unit": {"USD": "US dollars, nominal", "shares": "number of shares"},
    "claim_unit": {
        "USD": "US dollars",
        "GW": "gigawatts",
        "loops": "1 if a loop exists, 0 if none",
        "ratio": "a fraction",
        "flag": "1 if true, 0 if not",
    },
    "verdict": {
        "confirmed": "inside the stated bounds",
        "close": "outside, but near",
        "contradicted": "neither",
        "not_measurable": "the ledger cannot say; the explanation says why",
    },
    "component": {
        "all_in": "chips, buildings, power and network",
        "chips": "computing hardware",
        "shell_and_power": "buildings, power and cooling",
    },
    "tranche_status": {"unvested": "not yet earned", "vested": "earned", "lapsed": "can no longer be earned"},
    "severity": {"error": "stops the build", "warning": "is shown, does not stop"},
    "scenario": {
        "announced": "face value: everything happens as announced",
        "contracted_only": "only what is contracted, filed or paid",
        "base": "expected amounts and probabilities by certainty, a little late",
        "bear": "late, dear, growth halved",
        "bull": "likelier, cheaper, faster growth",
    },
    "graph_basis": {
        "disclosed": "purchases and funding with a stated figure",
        "with_imputed": "besides, purchases imputed from gigawatts",
        "with_contingent": "besides, backstops and warrants",
    },
    "amount_basis": {
        "point": "the figure as stated or imputed",
        "expected": "the PERT mean of low, mode and high; the mode of a ceiling is that of the base scenario",
    },
    "pattern": {
        "investor_is_counterparty": "an equity investor buys from, or sells to, the company it invests in",
        "supplier_finances_customer": "a seller funds, backs or grants warrants to its buyer",
        "customer_finances_supplier": "a buyer funds, backs or grants warrants to its seller",
        "reciprocal_commercial": "two parties buy from each other",
        "none": "none of these between the parties of the deal",
    },
    "scenario_parameter": {
        "p_rumoured": "probability that a rumoured promise is realised",
        "p_letter_of_intent": "probability that a letter of intent is realised",
        "p_announced": "probability that an announced promise is realised",
        "p_contracted": "probability that a contracted promise is realised",
        "p_filed": "probability that a filed promise is realised",
        "p_paid": "probability that a payment reported as made was made",
        "is_expected_amount": "1: PERT mean of low, mode and high; 0: the point amount",
        "up_to_mode_share": "where the mode of an up_to lies between its low (0) and its high (1)",
        "delay_quarters": "quarters by which purchases not yet paid come later than scheduled",
        "price_multiplier": "factor on purchases not yet paid",
        "growth_multiplier": "factor on the yearly revenue growth of the path",
    },
}

PURCHASES = ("compute_purchase", "chip_purchase", "lease", "infrastructure_build", "revenue_share")
FUNDING = ("equity_investment", "debt")
CONTINGENT = ("backstop", "warrant_grant")
CERTAINTIES_IN_FORCE = ("rumoured", "letter_of_intent", "announced", "contracted", "filed", "paid")
EVIDENCE_RANK = {"unverified": 1, "relayed": 2, "seen": 3}
