"""Broken references, duplicate keys, unknown words."""

from __future__ import annotations

from tests.ledgers.damage.harm import Damage, block, repeated
from tests.ledgers.damage.rows import CERTAINTIES, GRAIN, HUMAIN, ID, LOOKALIKE, leg, row, unknown

NAMES = (
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
)
