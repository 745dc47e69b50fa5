"""Imports are at the top of modules, and their cost is not hidden. Imports between rooms: `test_rooms`."""

import ast
import functools

import pytest

from tests.places import PROJECT

ASSETS = PROJECT / "assets"

IN_FUNCTIONS = {
    ("scale/executors.py", "distributed"): "an extra that need not be installed",
    ("gates/gx_suite.py", "great_expectations"): "takes seconds; many commands judge nothing",
}
"""Heavy libraries that one module imports where it uses them, with the reason. All others are imported at the top."""

BY_NAME = {"core/walk.py", "cli/lazy_group.py"}
"""Rooms are walked; the group of commands imports a command when it is called."""

CHOOSE_A_SIZE = {
    "definitions.py",
    "orchestration/resources.py",
    "orchestration/runner.py",
    "analysis/edit/preview.py",
    "cli/check.py",
    "cli/synth.py",
}
"""Modules that create the inputs of builders, or a ledger of a size."""


def packages(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def packages_in_functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from packages(node)


def shortcuts(tree):
    """Constructs that hide the cost of importing or exiting from readers of the code."""
    for node in ast.walk(tree):
        written = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if written in {"os._exit", "sys.modules"}:
            yield written
        elif isinstance(node, ast.Import | ast.ImportFrom) and "gc" in packages(node):
            yield "gc"
        elif isinstance(node, ast.Name | ast.Attribute | ast.alias):
            name = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name"}[type(node)]
            if getattr(node, name) in {"import_module", "__import__"}:
                yield "import by name"


@functools.cache
def modules():
    paths = sorted(ASSETS.rglob("*.py"))
    return [(path.relative_to(ASSETS), ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def test_only_modules_that_choose_a_size_import_scale():
    users = {
        path.as_posix()
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and any(f"{node.module}.{alias.name}.".startswith("assets.scale.") for alias in node.names)
    }
    assert {user for user in users if not user.startswith("scale/")} == CHOOSE_A_SIZE


def test_only_heavy_libraries_are_imported_inside_functions_each_in_one_module():
    found = {(path.as_posix(), package) for path, tree in modules() for package in packages_in_functions(tree)}

    assert found == set(IN_FUNCTIONS)


def test_the_cost_of_importing_and_exiting_is_not_hidden():
    found = {(path.as_posix(), what) for path, tree in modules() for what in shortcuts(tree)}

    assert found == {(path, "import by name") for path in BY_NAME}


@pytest.mark.parametrize(
    ("code", "inside", "hidden"),
    [
        ("import json\nif TYPE_CHECKING:\n    import polars\n", [], []),
        ("def f():\n    if x:\n        import json\n", ["json"], []),
        ("class C:\n    async def f(self):\n        from assets.x import y\n", ["assets"], []),
        ("import os\nos._exit(0)\n", [], ["os._exit"]),
        ("import sys\nsys.modules['pandas'] = None\n", [], ["sys.modules"]),
        ("import gc\n", [], ["gc"]),
        ("import importlib\nimportlib.import_module('json')\n", [], ["import by name"]),
        ("from importlib import import_module\n", [], ["import by name"]),
        ("__import__('json')\n", [], ["import by name"]),
    ],
)
def test_each_of_these_is_found(code, inside, hidden):
    tree = ast.parse(code)

    assert (list(packages_in_functions(tree)), list(shortcuts(tree))) == (inside, hidden)
