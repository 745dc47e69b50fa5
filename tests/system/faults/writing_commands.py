"""The commands that write seeds, as the rooms of faults call them: each on the small ledger, without questions."""

from __future__ import annotations

from pathlib import Path

DAY = "2026-10-20"

LEG = "l_aws_38b"


def add(seeds: Path, name: str = "cloud", payee: str = "amd") -> list[str]:
    """`closedloop add deal`: rows of three files. Another name gives another deal."""
    return [
        *("add", "deal", "--yes", "--seeds", str(seeds), "--known-from", DAY),
        *("--source", f'publisher="Example {name} news" title="A {name} deal, signed" kind=news_report'),
        *("--deal", f'name="Example {name} contract" description="OpenAI rents, from a {name}"'),
        *("--leg", f"payer_id=openai payee_id={payee} flow=compute_purchase amount_usd=$6.5bn certainty=contracted"),
    ]


def amend(seeds: Path, amount_usd: int = 39_000_000_000) -> list[str]:
    """`closedloop amend`: a row of one file."""
    terms = ("--set", f"amount_usd={amount_usd}", "--known-from", DAY)
    return ["amend", "--yes", "--seeds", str(seeds), *terms, LEG]
