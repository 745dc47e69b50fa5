"""Run a share of mutmut's mutants and write results.json: `python -m tests.system.mutation [--sample SHARE]`.

The mutated modules and the tests that must notice are mutmut's own configuration in pyproject.toml. A mutant is killed
if a test fails or the tests do not end; it survives if they pass, or if no test runs its function.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.places import PROJECT
from tests.system.mutation.equivalent import EQUIVALENT

RESULTS = Path(__file__).with_name("results.json")

MUTANTS = PROJECT / "mutants"

SEED = 20251009

SAMPLE = 0.15
"""Share of the mutants that is tried: each module gives this share of its own, drawn with SEED."""

INSTALL = "mutmut is not installed in this environment: pip install 'mutmut>=3.8.1,<4'"

NOBODY = "no such mutant"

SURVIVED, NO_TESTS, UNTRIED = {0}, {5, 33}, {None, 2, 34}
"""Exit codes of mutmut for survivors; any other is a failed test or a timeout."""

NOT_STARTED = 255
"""Exit code of an error in pytest itself: mutmut counts a timeout, but no test has judged the mutant."""


def main() -> int:
    """Run the drawn mutants, print the score of each module and store it."""
    parser = argparse.ArgumentParser(prog="python -m tests.system.mutation", description=__doc__)
    parser.add_argument("--sample", type=float, default=SAMPLE, help="share of the mutants that is tried (1: all)")
    parser.add_argument("--module", default="", help="only the modules whose name contains this")
    asked = parser.parse_args()
    if not Path(sys.executable).with_name("mutmut").exists():
        print(INSTALL, file=sys.stderr)
        return 2
    mutmut(NOBODY)  # makes the mutants and times the tests, then finds nothing to run
    names = [name for name in verdicts() if asked.module in name]
    drawn = draw(names, asked.sample)
    if not drawn:
        raise SystemExit("mutmut made no mutants: see what it says above")
    mutmut(*drawn)
    found = counted(names, {n: code for n, code in verdicts().items() if n in set(drawn)})
    for module, counts in found.items():
        print(line(module, counts))
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    RESULTS.write_text(json.dumps(dict(sorted((kept | found).items())), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def mutmut(*names: str) -> None:
    """Run these mutants."""
    tool = Path(sys.executable).with_name("mutmut")
    subprocess.run([tool, "run", "--max-children", "1", *names], cwd=PROJECT, check=False, stdout=sys.stderr)


def verdicts() -> dict[str, int | None]:
    """The exit code of the tests for every mutant, None if it was not run."""
    found: dict[str, int | None] = {}
    for path in sorted(MUTANTS.glob("**/*.meta")):
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


def counted(names: list[str], verdicts: dict[str, int | None]) -> dict[str, dict]:
    """Killed, survived and equivalent mutants by module, and the survivors by name."""
    found: dict[str, dict] = {}
    all_of = Counter(map(module_of, names))
    sources: dict[str, dict[str, str]] = {}
    for name, code in sorted(verdicts.items()):
        module = module_of(name)
        counts = found.setdefault(
            module,
            {"mutants": all_of[module], "tried": 0, "killed": 0, "equivalent": 0, "survived": 0, "survivors": []},
        )
        if code in UNTRIED:
            continue
        if code == NOT_STARTED:
            raise SystemExit(f"{name}: pytest could not run; try `mutmut run {name}`")
        counts["tried"] += 1
        if code not in SURVIVED | NO_TESTS:
            counts["killed"] += 1
            continue
        if module not in sources:
            path = MUTANTS / f"{module.replace('.', '/')}.py"
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
