"""Run the mutants and write results.json: `python -m tests.system.mutation [finance] [gates] [--sample SHARE]`.

Works on a copy of the project in a temporary folder, with one process. A mutant is killed if a test fails or the tests
do not end; it survives if they pass, or if no test runs its function.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.places import PROJECT
from tests.system.mutation.equivalent import EQUIVALENT
from tests.system.mutation.subjects import SEED, SUBJECTS, Subject

RESULTS = Path(__file__).with_name("results.json")

COPIED = ("assets", "seeds", "sql", "tests")

LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*")

INSTALL = "mutmut is not installed beside this Python: pip install 'mutmut>=3.8.1,<4'"

SETTINGS = """
[tool.mutmut]
source_paths = ["assets"]
only_mutate = {modules}
also_copy = ["seeds", "sql"]
pytest_add_cli_args = ["-q", "--noconftest", "-p", "no:cacheprovider", "-p", "no:xdist", "-k", {chosen}]
pytest_add_cli_args_test_selection = {tests}
# A process that has used Polars must not be forked: its threads would be missing, and every test would hang.
process_isolation = "forkserver"
forkserver_warmup = "import"
preload_modules_file = "imported_first.txt"
timeout_multiplier = 5.0
timeout_constant = 20.0
use_git_change_detection = false

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
addopts = "--import-mode=importlib"
"""

NOBODY = "no such mutant"

SURVIVED, NO_TESTS, UNTRIED = {0}, {5, 33}, {None, 2, 34}
"""Exit codes of mutmut for survivors; any other is a failed test or a timeout."""


def main() -> int:
    """Run the named subjects, print the score of each module and store it."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.mutation", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], help="all if none is named")
    parser.add_argument("--sample", type=float, help="share of the mutants that is tried (1: all)")
    parser.add_argument("--module", default="", help="only the modules whose name contains this; writes no results")
    asked = parser.parse_args()
    tool = Path(sys.executable).with_name("mutmut")
    if not tool.exists():
        print(INSTALL, file=sys.stderr)
        return 2
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for name in asked.subjects or SUBJECTS:
        with tempfile.TemporaryDirectory(prefix="mutants_") as folder:
            share = asked.sample or SUBJECTS[name].sample
            found = run(SUBJECTS[name], Path(folder), tool, share, asked.module)
        for module, counts in found.items():
            print(line(module, counts))
        if not asked.module:
            results = {m: c for m, c in results.items() if c["subject"] != name} | found
            RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def run(subject: Subject, folder: Path, tool: Path, share: float, only: str = "") -> dict[str, dict]:
    """The counts of each module of a subject."""
    for part in COPIED:
        shutil.copytree(PROJECT / part, folder / part, ignore=LEFT_OUT)
    (folder / "imported_first.txt").write_text("\n".join(subject.imported_first), encoding="utf-8")
    settings = SETTINGS.format(
        modules=json.dumps(subject.modules),
        tests=json.dumps(subject.tests),
        chosen=json.dumps(subject.left_out),
    )
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    mutmut(tool, folder, NOBODY)  # creates the mutants and times the tests, then has nothing to run
    names = list(verdicts(folder))
    drawn = draw([n for n in names if only in n], share)
    if not drawn:
        raise SystemExit(f"mutmut made no mutants of {subject.name}: see what it says above")
    mutmut(tool, folder, *drawn)
    return counted(subject, folder, names, {n: code for n, code in verdicts(folder).items() if n in set(drawn)})


def mutmut(tool: Path, folder: Path, *names: str) -> None:
    """Run these mutants."""
    environment = {
        k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"
    }  # otherwise every test is compiled again
    subprocess.run(
        [tool, "run", "--max-children", "1", *names], cwd=folder, env=environment, check=False, stdout=sys.stderr
    )


def verdicts(folder: Path) -> dict[str, int | None]:
    """The exit code of the tests for every mutant, None if it was not run."""
    found: dict[str, int | None] = {}
    for path in sorted(folder.glob("mutants/**/*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def draw(names: list[str], share: float) -> list[str]:
    """A random but reproducible sample of the mutants, with an equal share of every module."""
    modules: dict[str, list[str]] = {}
    for name in sorted(names):
        modules.setdefault(module_of(name), []).append(name)
    turn = random.Random(SEED)  # noqa: S311 - no secret
    return [n for some in modules.values() for n in sorted(turn.sample(some, round(len(some) * share)))]


def module_of(name: str) -> str:
    """The module of a mutant: the part before the mangled name of its function."""
    return name.rpartition(".")[0]


def counted(subject: Subject, folder: Path, names: list[str], verdicts: dict[str, int | None]) -> dict[str, dict]:
    """Killed, survived and equivalent mutants by module, and the survivors by name."""
    found: dict[str, dict] = {}
    all_of = Counter(map(module_of, names))
    sources: dict[str, dict[str, str]] = {}
    for name, code in sorted(verdicts.items()):
        module = module_of(name)
        counts = found.setdefault(
            module,
            {"subject": subject.name, "mutants": all_of[module], "tried": 0, "killed": 0, "equivalent": 0}
            | {"survived": 0, "survivors": []},
        )
        if code in UNTRIED:
            continue
        counts["tried"] += 1
        if code not in SURVIVED | NO_TESTS:
            counts["killed"] += 1
            continue
        if module not in sources:
            path = folder / "mutants" / f"{module.replace('.', '/')}.py"
            sources[module] = functions(path.read_text(encoding="utf-8"))
        function, removed, added = difference(name, sources[module])
        if (function, added) in EQUIVALENT:
            counts["equivalent"] += 1
            continue
        counts["survived"] += 1
        no_test = " (no test runs it)" if code in NO_TESTS else ""
        counts["survivors"].append(f"{function}{no_test}: {removed} → {added}")
    return found


def functions(source: str) -> dict[str, str]:
    """The source of every function and method of a module, by name."""
    lines = source.splitlines()
    nodes = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))
    return {n.name: "\n".join(lines[n.lineno - 1 : n.end_lineno]) for n in nodes}


def difference(name: str, sources: dict[str, str]) -> tuple[str, str, str]:
    """The function of a mutant, the removed line and the new line."""
    mangled = name.rpartition(".")[2]
    original = f"{mangled.partition('__mutmut_')[0]}__mutmut_orig"
    before, after = sources[original].splitlines()[1:], sources[mangled].splitlines()[1:]
    changes = [d for d in difflib.ndiff(before, after) if d[0] in "-+"]
    removed = " / ".join(d[1:].strip() for d in changes if d[0] == "-")
    added = " / ".join(d[1:].strip() for d in changes if d[0] == "+")
    return original.removeprefix("x_").removesuffix("__mutmut_orig").replace("ǁ", "."), removed, added


def line(module: str, counts: dict) -> str:
    """One line of the report."""
    judged = counts["killed"] + counts["survived"]
    share = f"{counts['killed'] / judged:.0%}" if judged else "–"
    return (
        f"{module}: {share} killed ({counts['killed']} of {judged} judged; {counts['equivalent']} equivalent, "
        f"{counts['tried']} tried of {counts['mutants']})"
    )


if __name__ == "__main__":
    raise SystemExit(main())
