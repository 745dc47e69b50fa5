"""Random valid ledgers: rows of every seed as an analyst could have written them.

Everything that a contract allows is drawn: empty figures and days, ceilings and floors, statements, alternatives,
cancelled and amended rows, trees of parts, links to funded legs and to gigawatts, circles of money, quarters that were
reported, guided and revised. Judgements (assumptions, scenarios) are those of the project, with few draws. Not here:
rows that must be refused (`tests.integration.bad_input`), small hand-made ledgers (`tests.ledgers.smallest`,
`tests.ledgers.builder`).
"""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from assets.core.vocabulary import VOCABULARIES
from tests.ledgers.seed_files import Row, Seeds, row, whole
from tests.ledgers.smallest import judgements

FIRST, LAST = dt.date(2023, 1, 1), dt.date(2026, 6, 30)

Words = st.SearchStrategy[str]

COUNTED = ("shares_outstanding",)

SIGNED = ("net_income", "operating_cash_flow", "cash_burn")

days = st.one_of(
    st.sampled_from(["2024-02-29", "2024-12-31", "2025-01-01", "2025-10-09", "2025-10-10", "2026-03-31"]),
    st.dates(FIRST, LAST).map(str),
)
"""Days on which facts become known; a few are frequent, so that several facts fall on one day."""

far_days = st.one_of(st.just(""), days, st.dates(dt.date(2018, 1, 1), dt.date(2044, 12, 31)).map(str))

amounts = st.one_of(
    st.sampled_from(["0", "1000000", "5000000000000", "100000000000", "33333333333.33", "0.00", "10000000000"]),
    st.integers(1_000_000, 600_000_000_000).map(str),
)

powers = st.one_of(
    st.sampled_from(["0.001", "1", "10", "25", "0.333"]), st.integers(1, 9999).map(lambda mw: f"{mw / 1000}")
)


def word(vocabulary: str) -> Words:
    """A word of a closed vocabulary."""
    return st.sampled_from(list(VOCABULARIES[vocabulary]))


@st.composite
def ledgers(draw: st.DrawFn) -> Seeds:
    """The rows of every file of a valid ledger."""
    seeds = judgements()
    seeds["sources"] = draw(_sources())
    source = st.sampled_from([r["source_id"] for r in seeds["sources"]])
    seeds["entities"] = draw(_entities())
    who = [r["entity_id"] for r in seeds["entities"]]
    seeds["deals"] = [
        row(
            "deals",
            deal_id=f"d{n}",
            name=f"Deal {n}",
            announced_on=draw(days),
            description="a deal",
            source_id=draw(source),
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    deal = st.sampled_from([r["deal_id"] for r in seeds["deals"]])
    seeds["capacity"] = draw(_capacity(who, deal, source))
    sites = list(dict.fromkeys(r["leg_id"] for r in seeds["capacity"]))
    seeds["commitments"] = draw(_commitments(who, sites, deal, source))
    seeds["financials"] = [*draw(_financials(who, source)), *draw(_outlays(seeds["entities"], source))]
    tickers = [r["ticker"] for r in seeds["entities"] if r["ticker"]]
    seeds["prices"] = draw(_prices(tickers or ["OTHER"], source))
    seeds["warrants"] = draw(_warrants(who, deal, source))
    seeds["warrant_tranches"] = draw(_tranches({r["warrant_id"]: r["max_shares"] for r in seeds["warrants"]}, source))
    seeds["cost_per_gw"] = draw(_costs(source))
    seeds["claims"] = draw(_claims(who, source))
    seeds["commitments"].append(_certain(seeds))
    return whole(seeds)


def _certain(seeds: Seeds) -> Row:
    """A promise that counts: a ledger without one has an empty money graph and is refused."""
    payer, payee, *_ = (r["entity_id"] for r in seeds["entities"])
    return row(
        "commitments",
        leg_id="certain",
        deal_id=seeds["deals"][0]["deal_id"],
        payer_id=payer,
        payee_id=payee,
        flow="compute_purchase",
        amount_usd="10000000000",
        qualifier="exact",
        certainty="contracted",
        known_from="2025-01-01",
        is_statement="false",
        reading="preferred",
        evidence="seen",
        source_id=seeds["sources"][0]["source_id"],
    )


@st.composite
def _sources(draw: st.DrawFn) -> list[Row]:
    return [
        row(
            "sources",
            source_id=f"s{n}",
            publisher="A paper, and more",
            title='It said "up to"',
            published_on=draw(st.one_of(st.just(""), days)),
            url=draw(st.sampled_from(["", "https://example.org/a?b=c,d"])),
            kind=draw(word("source_kind")),
        )
        for n in range(draw(st.integers(1, 3)))
    ]


@st.composite
def _entities(draw: st.DrawFn) -> list[Row]:
    return [
        row(
            "entities",
            entity_id=f"e{n}",
            name=draw(st.sampled_from(["Öl & Söhne", "O'Hara", "a, b", "Firm"])) + f" {n}",
            kind=draw(word("entity_kind")),
            ticker=draw(st.sampled_from(["", f"T{n}"])),
            country=draw(st.sampled_from(["", "US"])),
        )
        for n in range(draw(st.integers(2, 6)))
    ]


def _ordered(*some: str) -> list[str]:
    """Days or null, with the known ones in order."""
    known = iter(sorted(d for d in some if d))
    return [next(known) if d else "" for d in some]


@st.composite
def _figures(draw: st.DrawFn, of: Words) -> tuple[str, str, str]:
    """A lower bound, a point and an upper bound in order, at least one of them known."""
    known = draw(st.sampled_from([(0, 1, 0)] * 4 + [(1, 1, 0), (1, 0, 1), (1, 1, 1), (0, 0, 1), (1, 0, 0), (0, 1, 1)]))
    sizes = iter(sorted(draw(st.lists(of, min_size=sum(known), max_size=sum(known))), key=float))
    low, point, high = (next(sizes) if k else "" for k in known)
    return low, point, high


@st.composite
def _capacity(draw: st.DrawFn, who: list[str], deal: Words, source: Words) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(1, 4))):
        parents = ["", *(f"k{n}" for n in range(number))]
        user, view = draw(st.sampled_from(["", *who])), draw(word("view"))
        for known in draw(st.lists(days, min_size=1, max_size=3, unique=True)):
            qualifier = draw(word("qualifier"))
            stage = draw(st.sampled_from(["announced", "under_construction", "energised", "cancelled"]))
            first, full = _ordered(draw(far_days), draw(far_days))
            rows.append(
                row(
                    "capacity",
                    leg_id=f"k{number}",
                    deal_id=draw(deal),
                    provider_id=draw(st.sampled_from(who)),
                    user_id=user,
                    view=view,
                    power_basis=draw(word("power_basis")),
                    gw="" if qualifier == "undisclosed" else draw(powers),
                    qualifier=qualifier,
                    first_power_on=first,
                    full_power_on=full,
                    stage=stage,
                    known_from=known,
                    part_of_leg_id=draw(st.sampled_from(parents)),
                    reading=draw(st.sampled_from(["preferred"] * 4 + ["alternative"])),
                    evidence=draw(word("evidence")),
                    source_id=draw(source),
                )
            )
    return rows


@st.composite
def _commitments(draw: st.DrawFn, who: list[str], sites: list[str], deal: Words, source: Words) -> list[Row]:
    rows = []
    count = draw(st.integers(1, 8))
    for number in range(count):
        payer = draw(st.sampled_from(who))
        payee = draw(st.sampled_from([w for w in who if w != payer]))
        flow, is_statement = draw(word("flow")), draw(st.sampled_from(["false"] * 5 + ["true"]))
        parents = ["", *(f"l{n}" for n in range(number))]
        gigawatts = draw(st.sampled_from(["", *sites]))
        for known in draw(st.lists(days, min_size=1, max_size=4, unique=True)):
            qualifier = draw(word("qualifier"))
            low, point, high = ("", "", "") if qualifier == "undisclosed" else draw(_figures(amounts))
            starts, ends = _ordered(draw(far_days), draw(far_days))
            if starts and starts == ends:
                ends = ""
            rows.append(
                row(
                    "commitments",
                    leg_id=f"l{number}",
                    deal_id=draw(deal),
                    payer_id=payer,
                    payee_id=payee,
                    flow=flow,
                    amount_low_usd=low,
                    amount_usd=point,
                    amount_high_usd=high,
                    qualifier=qualifier,
                    starts_on=starts,
                    ends_on=ends,
                    certainty=draw(word("certainty")),
                    known_from=known,
                    part_of_leg_id=draw(st.sampled_from(parents)),
                    funds_leg_id=draw(st.sampled_from(["", *(f"l{n}" for n in range(count) if n != number)])),
                    capacity_leg_id=gigawatts,
                    is_statement=is_statement,
                    reading=draw(st.sampled_from(["preferred"] * 4 + ["alternative"])),
                    evidence=draw(word("evidence")),
                    source_id=draw(source),
                )
            )
    return rows


@st.composite
def _financials(draw: st.DrawFn, who: list[str], source: Words) -> list[Row]:
    found: dict[tuple[str, ...], Row] = {}
    for _ in range(draw(st.integers(1, 10))):
        metric = draw(st.sampled_from(["revenue"] * 6 + list(VOCABULARIES["metric"])))
        year, quarter = draw(st.integers(2021, 2026)), draw(st.integers(0, 4))
        first = dt.date(year, 3 * quarter - 2, 1) if quarter else dt.date(year, 1, 1)
        last = dt.date(year + first.month // 10, (first.month + 2) % 12 + 1, 1) if quarter else dt.date(year + 1, 1, 1)
        last -= dt.timedelta(1)
        balance = metric in {"cash", "total_debt", "rpo", "valuation", *COUNTED, "purchase_commitments"}
        is_past = last < LAST and draw(st.booleans())
        figures = draw(_figures(amounts))
        if metric in SIGNED and draw(st.booleans()):
            low, point, high = ("" if not f else f"-{f}" for f in figures)
            figures = high, point, low
        new = row(
            "financials",
            entity_id=draw(st.sampled_from(who)),
            metric=metric,
            definition=draw(st.sampled_from(["", "", "without stock"])),
            unit="shares" if metric in COUNTED else "USD",
            period_start="" if balance else str(first),
            period_end=str(last),
            low_value=figures[0],
            value=figures[1],
            high_value=figures[2],
            basis=draw(st.sampled_from(["reported", "reported_by_press"] if is_past else ["guided", "projected"])),
            known_from=str(last + dt.timedelta(draw(st.integers(0, 40)))) if is_past else draw(days),
            evidence=draw(word("evidence")),
            source_id=draw(source),
        )
        new["known_from"] = min(new["known_from"], str(LAST))
        found.setdefault(
            tuple(
                new[k] for k in ("entity_id", "metric", "definition", "period_end", "known_from", "source_id", "basis")
            ),
            new,
        )
    return list(found.values())


@st.composite
def _outlays(draw: st.DrawFn, entities: list[Row], source: Words) -> list[Row]:
    """Spending that some entities state for a period that is not over: small, or more than any ledger holds.

    The others state nothing and are not measurable.
    """
    return [
        row(
            "financials",
            entity_id=entity["entity_id"],
            metric="compute_spend" if entity["kind"] == "ai_lab" else "capex",
            unit="USD",
            period_start=draw(st.sampled_from(["2024-07-01", "2025-01-01", "2026-01-01"])),
            period_end=draw(st.sampled_from(["2027-06-30", "2030-12-31", "2040-12-31"])),
            value=draw(st.sampled_from(["1000000", "1000000000", "5000000000000"])),
            basis="projected",
            known_from=draw(days),
            evidence=draw(word("evidence")),
            source_id=draw(source),
        )
        for entity in entities
        if draw(st.sampled_from([True, True, False]))
    ]


@st.composite
def _prices(draw: st.DrawFn, tickers: list[str], source: Words) -> list[Row]:
    closes = st.one_of(st.sampled_from(["0.01", "1000000", "100"]), st.integers(1, 900).map(str))
    return [
        row("prices", ticker=ticker, date=known, close=draw(closes), source_id=draw(source))
        for ticker in draw(st.lists(st.sampled_from(tickers), min_size=1, max_size=2, unique=True))
        for known in draw(st.lists(days, min_size=1, max_size=5, unique=True))
    ]


@st.composite
def _warrants(draw: st.DrawFn, who: list[str], deal: Words, source: Words) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(0, 2))):
        issued, expires = _ordered(draw(far_days), draw(far_days))
        rows.append(
            row(
                "warrants",
                warrant_id=f"w{number}",
                deal_id=draw(deal),
                issuer_id=draw(st.sampled_from(who)),
                holder_id=draw(st.sampled_from(who)),
                max_shares=draw(st.sampled_from(["", "1", "160000000"])),
                strike_usd=draw(st.sampled_from(["", "0", "0.01", "80"])),
                issued_on=issued,
                expires_on=expires,
                fair_value_usd=draw(st.sampled_from(["", "0", "2743161032.52"])),
                vesting="step by step",
                known_from=draw(days),
                evidence=draw(word("evidence")),
                source_id=draw(source),
            )
        )
    return rows


@st.composite
def _tranches(draw: st.DrawFn, warrants: dict[str, str], source: Words) -> list[Row]:
    return [
        row(
            "warrant_tranches",
            tranche_id=f"{warrant}_t{seq}",
            warrant_id=warrant,
            seq=str(seq),
            shares=draw(st.sampled_from(["", "1", "40000000"])) if size != "1" else "",
            gw_milestone=draw(st.sampled_from(["", "0", "1", "6"])),
            share_price_hurdle_usd=draw(st.sampled_from(["", "0", "100", "600"])),
            market_cap_hurdle_usd=draw(st.sampled_from(["", "1000000000000"])),
            status=draw(word("tranche_status")),
            status_on=draw(days),
            evidence=draw(word("evidence")),
            source_id=draw(source),
        )
        for warrant, size in warrants.items()
        for seq in range(1, draw(st.integers(0, 3)) + 1)
    ]


@st.composite
def _costs(draw: st.DrawFn, source: Words) -> list[Row]:
    sizes = st.sampled_from(["100000000", "35000000000", "50000000000", "1000000000000"])
    rows = []
    for number in range(draw(st.integers(1, 4))):
        low, point, high = draw(_figures(sizes))
        rows.append(
            row(
                "cost_per_gw",
                estimate_id=f"g{number}",
                estimator="somebody",
                component=draw(word("component")),
                low_usd_per_gw=low,
                usd_per_gw=point,
                high_usd_per_gw=high,
                known_from=draw(days),
                evidence=draw(word("evidence")),
                source_id=draw(source),
            )
        )
    return rows


@st.composite
def _claims(draw: st.DrawFn, who: list[str], source: Words) -> list[Row]:
    return [
        row(
            "claims",
            claim_id=draw(st.sampled_from(["stargate_investment", "nvidia_loop", "never_measured"])),
            source_id=draw(source),
            subject=draw(st.sampled_from(who)),
            statement="it was said",
            measure="something",
            qualifier=draw(word("qualifier")),
            expected_value=draw(st.sampled_from(["", "0", "1"])),
            unit=draw(word("claim_unit")),
            as_of=draw(days),
        )
    ]
