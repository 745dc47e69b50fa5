"""Readable files that say what cannot be: keys, references, words, magnitudes, days and promises."""

from __future__ import annotations

from tests.bad_input.harm import Damage, block, both, cells, removed, repeated

HUMAIN = "l_amd_humain"
LEG = '(leg_id "l_amd_humain", known_from 2025-05-13, reading "preferred")'
SITE = '(leg_id "k_abilene", known_from …, reading "preferred")'
GRAIN = "…two rows of one key would be counted twice"
CERTAINTIES = "use one of: rumoured, letter_of_intent, announced, contracted, filed, paid, cancelled"
ID = "the value must match ^[a-z0-9][a-z0-9_]*$"
LOOKALIKE = "the look-alike letter U+0430 (CYRILLIC SMALL LETTER A)"


def leg(name: str, rule: str, remedy: str, told: str, **values: str) -> Damage:
    """A promise that breaks one rule."""
    return Damage(name, "commitments", cells(HUMAIN, **values), (block(f":{{0}}  {told}  {LEG}", rule, remedy),))


def unknown(name: str, column: str, value: str, remedy: str, seen: str = "") -> Damage:
    """A promise that names what is nowhere."""
    return leg(name, f"refers_to:{column}", remedy, f'{column} = "{seen or value}"', **{column: value})


def site(name: str, rule: str, remedy: str, told: str, **values: str) -> Damage:
    """A promise of power that breaks one rule."""
    return Damage(name, "capacity", cells("k_abilene", **values), (block(f":{{0}}  {told}  {SITE}", rule, remedy),))


def row(name: str, file: str, key: str, rule: str, remedy: str, told: str, **values: str) -> Damage:
    """A row that breaks one rule."""
    return Damage(name, file, cells(key, **values), (block(f":{{0}}  {told}", rule, remedy),))


LEDGERS = (
    # --- references
    unknown(
        "an unknown entity",
        "payer_id",
        "humian",
        "did you mean humain? If not, add a row with entity_id humian to seeds/entities.csv",
    ),
    unknown(
        "an entity like no other",
        "payee_id",
        "acme_corporation",
        "correct the id, or add a row with this entity_id to seeds/entities.csv",
    ),
    unknown("an entity by its name", "payer_id", "Advanced Micro Devices", "did you mean amd? If not, add a row with…"),
    unknown("an entity by its ticker", "payer_id", "NVDA", "did you mean nvidia? If not, add a row with…"),
    unknown("a look-alike entity", "payer_id", "hum\u0430in", f"it holds {LOOKALIKE}: write humain"),
    unknown(
        "a blank after an entity", "payer_id", "humain ", "it holds a blank at the beginning or the end: write humain"
    ),
    unknown("an unknown deal", "deal_id", "d_amd_humane", "did you mean d_amd_humain? If not, add …seeds/deals.csv"),
    unknown(
        "an unknown source",
        "source_id",
        "src_amd_humain",
        "did you mean src_amd_humain_pr? If not, add a row with source_id src_amd_humain to seeds/sources.csv",
    ),
    unknown(
        "an unknown whole",
        "part_of_leg_id",
        "l_stargate_programm",
        "did you mean l_stargate_program? If not, add a row with leg_id l_stargate_programm to seeds/commitments.csv",
    ),
    unknown(
        "an unknown funded leg",
        "funds_leg_id",
        "l_nowhere_near",
        "correct the id, or add a row with this leg_id to seeds/commitments.csv",
    ),
    unknown(
        "an unknown capacity leg",
        "capacity_leg_id",
        "c_amd_humane",
        "did you mean c_amd_humain? If not, add a row with leg_id c_amd_humane to seeds/capacity.csv",
    ),
    row(
        "an unknown warrant",
        "warrant_tranches",
        "t_amd_first",
        "refers_to:warrant_id",
        "did you mean w_amd_openai? If not, add a row with warrant_id w_amd_opnai to seeds/warrants.csv",
        'warrant_id = "w_amd_opnai"  (tranche_id "t_amd_first")',
        warrant_id="w_amd_opnai",
    ),
    # --- keys
    Damage(
        "a key twice",
        "deals",
        repeated("d_stargate", name="Another"),
        (
            block(
                ':{0}  deal_id = "d_stargate"',
                "unique_key",
                "lines {0} and {1} differ in name: remove the wrong one, or give it another key",
                reason=GRAIN,
                more=[':{1}  deal_id = "d_stargate"'],
            ),
        ),
    ),
    Damage(
        "a price twice",
        "prices",
        repeated("AMD"),
        (
            block(
                ':{0}  ticker = "AMD", date = …',
                "unique_key",
                "lines {0} and {1} are alike in every cell: remove all but one",
                reason=GRAIN,
                more=[':{1}  ticker = "AMD", date = …'],
            ),
        ),
    ),
    Damage(
        "an overlapping version",
        "commitments",
        repeated(HUMAIN, amount_usd="11000000000"),
        (
            block(
                ':{0}  leg_id = "l_amd_humain", known_from = 2025-05-13, reading = "preferred"',
                "one_preferred_version",
                "lines {0} and {1} differ in amount_usd: remove the wrong one, or give it another key; …",
                more=[':{1}  leg_id = "l_amd_humain", known_from = 2025-05-13, reading = "preferred"'],
            ),
        ),
    ),
    Damage(
        "the same delivery twice",
        "capacity",
        repeated("k_amd"),
        (
            block(
                ':{0}  leg_id = "k_amd", known_from = …, reading = "preferred"',
                "one_preferred_version",
                "lines {0} and {1} are alike in every cell: remove all but one; …",
                more=[':{1}  leg_id = "k_amd", known_from = …, reading = "preferred"'],
            ),
        ),
    ),
    row(
        "an id in capitals",
        "commitments",
        HUMAIN,
        "pattern:leg_id",
        f"did you mean l_amd_humain? {ID}",
        'leg_id = "L_AMD_Humain"  (known_from 2025-05-13, reading "preferred")',
        leg_id="L_AMD_Humain",
    ),
    row(
        "an id that looks like another",
        "commitments",
        "l_abilene_jpm_debt",
        "pattern:leg_id",
        f"it holds {LOOKALIKE}; did you mean l_abilene_jpm_debt? {ID}",
        'leg_id = "l_\u0430bilene_jpm_debt"  (known_from …',
        leg_id="l_\u0430bilene_jpm_debt",
    ),
    row(
        "an id that holds SQL",
        "commitments",
        "l_abilene_jpm_debt",
        "pattern:leg_id",
        f"did you mean x_drop_table_raw_deals? {ID}",
        'leg_id = "x\'); drop table raw.deals; --"  (known_from …',
        leg_id="x'); drop table raw.deals; --",
    ),
    row(
        "a ticker in small letters",
        "prices",
        "AMD",
        "pattern:ticker",
        "did you mean AMD? …",
        'ticker = "amd"…',
        ticker="amd",
    ),
    row(
        "an address without its beginning",
        "sources",
        "agenticbrew_2026_05",
        "pattern:url",
        "did you mean https://www.agenticbrew.ai? the value must match …",
        'url = "www.agenticbrew.ai"  (source_id "agenticbrew_2026_05")',
        url="www.agenticbrew.ai",
    ),
    # --- words and empty cells
    leg(
        "a misspelt word",
        "vocabulary:certainty",
        f"did you mean announced? {CERTAINTIES}",
        'certainty = "anounced"',
        certainty="anounced",
    ),
    leg("a word in capitals", "vocabulary:flow", "did you mean debt? use one of: …", 'flow = "DEBT"', flow="DEBT"),
    leg(
        "a word with a blank",
        "vocabulary:flow",
        "did you mean chip_purchase? use one of: …",
        'flow = "chip purchase"',
        flow="chip purchase",
    ),
    leg("a word of one's own", "vocabulary:certainty", CERTAINTIES, 'certainty = "promised"', certainty="promised"),
    row(
        "an empty cell that must not be",
        "commitments",
        HUMAIN,
        "required_values",
        "fill in the empty cell",
        'payer_id = (empty)  (leg_id "l_amd_humain", known_from 2025-05-13, reading "preferred")',
        payer_id="",
    ),
    # --- figures
    leg(
        "a negative promise",
        "range:amount_usd",
        "the value must be at least 0 USD",
        "amount_usd = -5000000",
        amount_usd="-5000000",
    ),
    leg(
        "a promise of $300",
        "plausible_magnitude:amounts",
        "write the figure in US dollars, between 1000000 and 5000000000000: 300000000 if millions are meant "
        "or 300000000000 if billions are meant",
        "amount_usd = 300",
        amount_usd="300",
    ),
    leg(
        "a promise of $300,000 trillion",
        "plausible_magnitude:amounts",
        "write the figure in US dollars, between 1000000 and 5000000000000",
        "amount_usd = 300000000000000000",
        amount_usd="300000000000000000",
    ),
    leg(
        "a figure of 400 digits",
        "finite_numbers",
        "write a plain number, or …",
        "amount_usd = inf",
        amount_usd="9" * 400,
    ),
    leg(
        "a lower bound above the point",
        "ordered:amount_usd",
        "make amount_low_usd <= amount_usd <= amount_high_usd",
        "amount_low_usd = 20000000000, amount_usd = 10000000000, amount_high_usd = (empty)",
        amount_low_usd="20000000000",
    ),
    leg(
        "an upper bound below the point",
        "ordered:amount_usd",
        "make amount_low_usd <= amount_usd <= amount_high_usd",
        "amount_low_usd = (empty), amount_usd = 10000000000, amount_high_usd = 9000000000",
        amount_high_usd="9000000000",
    ),
    leg(
        "an undisclosed figure that is disclosed",
        "undisclosed_without_figure",
        "clear the figure, or say how it is meant: exact, about, up_to, at_least",
        'qualifier = "undisclosed", amount_low_usd = (empty), amount_usd = 10000000000, amount_high_usd = (empty)',
        qualifier="undisclosed",
    ),
    leg(
        "a qualifier without a figure",
        "qualifier_with_figure",
        "fill in the figure, or write undisclosed",
        'qualifier = "exact", amount_low_usd = (empty), amount_usd = (empty), amount_high_usd = (empty)',
        qualifier="exact",
        amount_usd="",
    ),
    site(
        "megawatts for gigawatts",
        "plausible_gigawatts",
        "gigawatts of view site lie between 0.001 and 25: if 168 are megawatts, write 0.168",
        'gw = 168, view = "site"',
        gw="168",
    ),
    site(
        "power below nothing",
        "plausible_gigawatts",
        "gigawatts of view site lie between 0.001 and 25: power is never negative",
        'gw = -1, view = "site"',
        gw="-1",
    ),
    row(
        "billions for dollars",
        "cost_per_gw",
        "g_bernstein_allin",
        "range:usd_per_gw",
        "the value must be at least 100000000 and at most 1000000000000 USD/GW",
        'usd_per_gw = 35  (estimate_id "g_bernstein_allin")',
        usd_per_gw="35",
    ),
    row(
        "millions for dollars",
        "financials",
        "alphabet",
        "plausible_magnitude:amounts",
        "write the figure in units, between 1000000 and 10000000000000: 91447000000 if millions are meant",
        'value = 91447  (entity_id "alphabet", …',
        value="91447",
    ),
    row(
        "a negative investment",
        "financials",
        "alphabet",
        "sign_of_metric",
        "write it without a minus sign; it may be negative for net_income, …",
        'metric = "capex", low_value = (empty), value = -91447000000, high_value = (empty)  (entity_id "alphabet", …',
        value="-91447000000",
    ),
    row(
        "shares for dollars",
        "financials",
        "alphabet",
        "unit_of_metric",
        "shares for shares_outstanding, USD for every other metric",
        'metric = "capex", unit = "shares"  (entity_id "alphabet", …',
        unit="shares",
    ),
    row(
        "a row that says nothing",
        "financials",
        "alphabet",
        "has_figure",
        "fill in at least one of low_value, value, high_value",
        "low_value = (empty), value = (empty), high_value = (empty)  (…",
        value="",
    ),
    row(
        "a share for nothing",
        "prices",
        "AMD",
        "range:close",
        "the value must be at least 0.01 and at most 1000000 USD/share",
        'close = 0  (ticker "AMD", date …',
        close="0",
    ),
    row(
        "a percentage for a probability",
        "scenarios",
        "p_rumoured",
        "probabilities",
        "write a fraction: 30 % is 0.3",
        'value = 30  (scenario_id "announced", parameter "p_rumoured")',
        value="30",
    ),
    row(
        "a percentage for a fraction",
        "assumptions",
        "claim_close_ratio",
        "plausible_value",
        "write a fraction: 15 % is 0.15",
        'value = 15, unit = "fraction"  (assumption_id "claim_close_ratio")',
        value="15",
    ),
    # --- days
    row(
        "known in the future",
        "commitments",
        HUMAIN,
        "plausible_day:known_from",
        "2099-03-31 is after today, …: write the day on which it became public",
        'known_from = 2099-03-31  (leg_id "l_amd_humain", reading "preferred")',
        known_from="2099-03-31",
    ),
    row(
        "known before anything was",
        "commitments",
        HUMAIN,
        "plausible_day:known_from",
        "2014-12-31 is before 2015-01-01: write the day on which it became public",
        'known_from = 2014-12-31  (leg_id "l_amd_humain", reading "preferred")',
        known_from="2014-12-31",
    ),
    row(
        "published in the future",
        "sources",
        "agenticbrew_2026_05",
        "plausible_day:published_on",
        "2099-03-31 is after today, …",
        'published_on = 2099-03-31  (source_id "agenticbrew_2026_05")',
        published_on="2099-03-31",
    ),
    leg(
        "an end before the start",
        "start_before_end",
        "make starts_on earlier than ends_on: ends_on is the day after the last payment",
        'starts_on = 2031-01-01, ends_on = 2030-05-13, flow = "infrastructure_build"',
        starts_on="2031-01-01",
    ),
    leg(
        "an empty period",
        "start_before_end",
        "make starts_on earlier than ends_on: ends_on is the day after the last payment",
        'starts_on = 2030-05-13, ends_on = 2030-05-13, flow = "infrastructure_build"',
        starts_on="2030-05-13",
    ),
    leg(
        "a debt that ends before it starts",
        "start_before_end",
        "make starts_on earlier than ends_on: …",
        'starts_on = 2031-01-01, ends_on = 2030-05-13, flow = "debt"',
        flow="debt",
        starts_on="2031-01-01",
    ),
    site(
        "full power before first power",
        "power_on_ordered",
        "make first_power_on <= full_power_on",
        "first_power_on = 2027-01-01, full_power_on = 2026-07-31",
        first_power_on="2027-01-01",
    ),
    row(
        "a period that ends before it starts",
        "financials",
        "alphabet",
        "period:period_end",
        "make period_start <= period_end",
        "period_start = 2026-12-31, period_end = 2025-12-31  (…",
        period_start="2026-12-31",
    ),
    row(
        "reported before the period ended",
        "financials",
        "alphabet",
        "reported_after_period",
        "correct the day, or make it guided or projected",
        'period_end = 2052-12-31, known_from = 2026-02-04, basis = "reported"  (entity_id "alphabet", …',
        period_end="2052-12-31",
    ),
    row(
        "a warrant that expired before it was issued",
        "warrants",
        "w_amd_openai",
        "period:expires_on",
        "make issued_on <= expires_on",
        'issued_on = 2025-10-05, expires_on = 2020-01-01  (warrant_id "w_amd_openai")',
        expires_on="2020-01-01",
    ),
    # --- promises and judgements
    leg(
        "a promise to oneself",
        "no_self_deal",
        "correct the payer or the payee",
        'payer_id = "humain", payee_id = "humain"',
        payee_id="humain",
    ),
    row(
        "a leg that contains itself",
        "commitments",
        HUMAIN,
        "containment_acyclic",
        "clear part_of_leg_id on one of the rows of the circle l_amd_humain → l_amd_humain",
        'leg_id = "l_amd_humain", part_of_leg_id = "l_amd_humain"  (known_from 2025-05-13, reading "preferred")',
        part_of_leg_id=HUMAIN,
    ),
    Damage(
        "legs that contain one another",
        "commitments",
        both(
            cells("l_amd_humain", part_of_leg_id="l_abilene_jpm_debt"),
            cells("l_abilene_jpm_debt", part_of_leg_id=HUMAIN),
        ),
        (
            block(
                ':{1}  leg_id = "l_abilene_jpm_debt", part_of_leg_id = "l_amd_humain"  (…',
                "containment_acyclic",
                "clear part_of_leg_id on … of the circle l_abilene_jpm_debt → l_amd_humain → l_abilene_jpm_debt",
            ),
            block(
                ':{0}  leg_id = "l_amd_humain", part_of_leg_id = "l_abilene_jpm_debt"  (…',
                "containment_acyclic",
                "clear part_of_leg_id on … of the circle l_amd_humain → l_abilene_jpm_debt → l_amd_humain",
            ),
        ),
    ),
    Damage(
        "a judgement that is missing",
        "assumptions",
        removed(lambda text: not text.startswith("capacity_min_gw,")),
        (
            block(
                ':…  assumption_id = "…"',
                "complete_assumptions",
                "add a row for capacity_min_gw: smallest plausible power",
            ),
        ),
    ),
    row(
        "a judgement that is misspelt",
        "assumptions",
        "capacity_min_gw",
        "complete_assumptions",
        "did you mean capacity_min_gw? It is missing, and capacity_mini_gw is read by nothing",
        'assumption_id = "capacity_mini_gw"',
        assumption_id="capacity_mini_gw",
    ),
    Damage(
        "a scenario without a parameter",
        "scenarios",
        removed(lambda text: not text.startswith("bull,p_filed,")),
        (
            block(
                ':…  scenario_id = "bull"  (parameter "p_rumoured")',
                "complete_scenarios",
                "add to scenario bull: p_filed",
            ),
        ),
    ),
)
