"""assets/METHODS.md: its examples run, and it has the sections that the seeds cite."""

import csv
import re

from tests.integration.docs.markdown import fences
from tests.places import PROJECT

METHODS = PROJECT / "assets" / "METHODS.md"


def test_the_examples_run_one_after_the_other():
    blocks = fences(METHODS.read_text(encoding="utf-8"), "python")
    assert len(blocks) >= 7
    names = {}
    for block in blocks:
        assert "assert" in block.text
        exec(compile(block.text, str(METHODS), "exec"), names)  # noqa: S102 - the document of this repository


def test_every_section_that_a_seed_cites_exists():
    sections = set(re.findall(r"^## (.+)$", METHODS.read_text(encoding="utf-8"), re.MULTILINE))
    cited = set()
    for name in ("assumptions", "scenarios"):
        with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cited |= {s.strip() for s in re.findall(r"METHODS ([A-Z][a-z]+(?: [a-z]+)*)", row["source"])}
    assert cited
    assert cited <= sections
