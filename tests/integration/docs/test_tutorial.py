"""Add a metric, as the README shows it, to a copy of the project: its files are all that it takes."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.integration.docs.markdown import fences
from tests.integration.docs.parts import README
from tests.ledgers import small
from tests.places import PROJECT

BUILD = "from assets.cli.main import main; main()"

ASSET = """
import json
from assets.definitions import defs

node = defs.resolve_asset_graph().get(__import__("dagster").AssetKey(["metrics", "deals_by_year"]))
parents = sorted(key.to_user_string() for key in node.parent_keys)
print(json.dumps({"parents": parents, "checks": [key.name for key in node.check_keys], "about": node.description}))
"""


class Copy:
    """A copy of the project with the files of the tutorial, and the small ledger built by it."""

    def __init__(self, folder):
        self.folder = folder
        for room in ("assets", "sql"):
            shutil.copytree(PROJECT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        self.before = self.files()
        for fence in fences(README.read_text(encoding="utf-8")):
            if fence.use == "file":
                path = folder / fence.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(fence.text, encoding="utf-8")
        self.added = self.files() - self.before
        self.published = folder / "closedloop.duckdb"

    def files(self):
        """Every file, by its path in the project."""
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()}

    def python(self, *arguments):
        """What Python prints that imports the copy."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, sql):
        """Rows of the published file of the copy."""
        told = self.python("-c", BUILD, "query", sql, "--json", "--warehouse", str(self.published))
        return json.loads(told)["rows"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    made = Copy(tmp_path_factory.mktemp("tutorial"))
    seeds = small.write(made.folder / "seeds")
    made.python("-c", BUILD, "build", "--seeds", str(seeds), "--warehouse", str(made.published))
    return made


def test_a_metric_is_its_select_its_check_and_its_test(copy):
    assert copy.added == {
        "sql/metrics/deals_by_year.sql",
        "sql/checks/deals_by_year.sql",
        "tests/unit/metrics/test_deals_by_year.py",
    }


def test_it_is_published_and_described(copy):
    rows = copy.ask("select * from metrics.deals_by_year")
    deals = (copy.folder / "seeds" / "deals.csv").read_text(encoding="utf-8").splitlines()[1:]
    told = copy.ask("select * from quality.dictionary where table_name = 'deals_by_year' order by position")

    assert sum(row["deal_count"] for row in rows) == len(deals) > len(rows) > 1
    assert [(row["column_name"], row["data_type"], row["unit"]) for row in told] == [
        ("year", "BIGINT", ""),
        ("deal_count", "BIGINT", "rows"),
    ]
    assert {row["source"] for row in told} == {"facts.deals"}
    assert {row["grain"] for row in told} == {"one row per year in which a deal was announced"}


def test_it_is_gated(copy):
    rules = copy.ask("select rule, is_passed from quality.gate_results where table_name = 'metrics.deals_by_year'")

    assert {row["rule"] for row in rules} >= {"columns", "unique_key", "range:deal_count", "reconciles"}
    assert all(row["is_passed"] for row in rules)


def test_it_is_an_asset_with_its_check_on_what_it_rests_on(copy):
    asset = json.loads(copy.python("-W", "ignore", "-c", ASSET).splitlines()[-1])

    assert asset["parents"] == ["facts/deals"]
    assert asset["checks"]
    assert asset["about"].startswith("How many deals were announced in each year.")


def test_its_own_test_passes(copy):
    told = copy.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/metrics/test_deals_by_year.py")

    assert "1 passed" in told
