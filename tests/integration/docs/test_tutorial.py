"""Adds a metric to a copy of the project, as the tutorial shows, with no other files than those shown."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.integration.docs.markdown import fences
from tests.integration.docs.sandbox import copy_project
from tests.places import PROJECT

TUTORIAL = PROJECT / "assets" / "metrics" / "README.md"

TESTS_OF_METRICS = ("tests/unit/metrics/test_tables_of_one_select.py", "tests/unit/metrics/test_claims.py")

BUILDS = """
import json, pathlib, sys
import dagster as dg
from assets.core import second_derivation
from assets.definitions import defs
from tests.conftest import Pipeline
from tests.ledgers import memory, real
from tests.unit.gates.proof import prove, rules_of

name, folder = sys.argv[1:]
run = Pipeline(pathlib.Path(folder)).run(name, "published.warehouse")
assert run.is_success, f"{run.error} {run.failures}"

ledger = memory.build(real.SEEDS, name)
assert not ledger.read(name).is_empty()
assert second_derivation.rules(memory.STEPS[name].table)
for table, rule in rules_of("metrics"):
    if table == name:
        prove(name, rule, ledger)

node = defs.resolve_asset_graph().get(dg.AssetKey(name.split(".")))
parents = sorted(key.to_user_string() for key in node.parent_keys)
print(json.dumps({"parents": parents, "checks": [key.name for key in node.check_keys], "about": node.description}))
"""
"""Builds a metric on a warehouse that lacks it, and publishes; proves on the real ledger that each of its rules can
refuse; prints its display in Dagster.
"""


class Copy:
    """A copy of the project with the files of the tutorial, and the small ledger published by it."""

    def __init__(self, folder, built):
        self.folder = copy_project(folder / "project")
        self.before = self.files()
        self.shown = {f.path: f.text for f in fences(TUTORIAL.read_text(encoding="utf-8")) if f.use == "file"}
        for path, text in self.shown.items():
            assert not (self.folder / path).exists(), path
            (self.folder / path).write_text(text, encoding="utf-8")
        self.added = self.files() - self.before
        (self.name,) = (Path(path).stem for path in self.added if path.startswith("sql/metrics/"))
        self.warehouse = Path(shutil.copytree(built, folder / "warehouse"))
        found = self.python("-W", "ignore", "-c", BUILDS, f"metrics.{self.name}", self.warehouse)
        self.asset = json.loads(found.splitlines()[-1])

    def files(self):
        """Every file, by its path in the project."""
        return {str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()}

    def python(self, *arguments):
        """The output of Python code that imports the copy."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.folder,
            env=inherited | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def ask(self, sql):
        """Rows of the published file of the copy."""
        with duckdb.connect(str(self.warehouse / "closedloop.duckdb"), read_only=True) as connection:
            return connection.sql(sql).pl().to_dicts()


@pytest.fixture(scope="module")
def copy(tmp_path_factory, small_built):
    return Copy(tmp_path_factory.mktemp("tutorial"), small_built.folder)


def test_a_metric_is_its_select_its_check_and_its_test(copy):
    assert copy.added == {
        "sql/metrics/deals_by_year.sql",
        "sql/checks/deals_by_year.sql",
        "tests/unit/metrics/test_deals_by_year.py",
    }


def test_it_is_published_and_described(copy):
    rows = copy.ask("select * from metrics.deals_by_year")
    deals = (copy.warehouse / "seeds" / "deals.csv").read_text(encoding="utf-8").splitlines()[1:]
    answer = copy.ask("select * from quality.dictionary where table_name = 'deals_by_year' order by position")

    assert sum(row["deal_count"] for row in rows) == len(deals) > len(rows) > 1
    assert [(row["column_name"], row["data_type"], row["unit"]) for row in answer] == [
        ("year", "BIGINT", ""),
        ("deal_count", "BIGINT", "rows"),
    ]
    assert {row["source"] for row in answer} == {"facts.deals"}
    assert {row["grain"] for row in answer} == {"one row per year in which a deal was announced"}


def test_it_is_gated(copy):
    rules = copy.ask("select rule, is_passed from quality.gate_results where table_name = 'metrics.deals_by_year'")

    assert {row["rule"] for row in rules} >= {"columns", "unique_key", "range:deal_count", "reconciles"}
    assert all(row["is_passed"] for row in rules)


def test_it_is_an_asset_with_a_check_and_its_inputs(copy):
    assert copy.asset["parents"] == ["facts/deals"]
    assert copy.asset["checks"]
    assert copy.asset["about"].startswith("How many deals were announced in each year.")


def test_its_own_test_passes_and_it_breaks_no_test_of_its_room(copy):
    own_tests = [path for path in copy.shown if path.startswith("tests/")]
    found = copy.python(
        "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--basetemp", copy.folder.parent / "inner",
        *own_tests, *TESTS_OF_METRICS,
    )  # fmt: skip

    assert own_tests
    assert " passed" in found
