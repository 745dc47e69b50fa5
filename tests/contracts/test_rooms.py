"""Who may import what: DuckDB has one room, Great Expectations one, and the mathematics knows neither."""

import ast

import pytest

from tests.docs.sandbox import PROJECT

ASSETS = PROJECT / "assets"
ONLY = {
    "duckdb": lambda path: path.parts[0] == "warehouse",
    "great_expectations": lambda path: path.parts[0] in {"gates", "display.py"},
    "dagster": lambda path: path.parts[0] not in {"finance", "contracts", "analyst", "warehouse", "facts", "metrics"},
}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("library", ONLY)
def test_a_library_is_imported_only_in_its_room(library):
    users = [path.relative_to(ASSETS) for path in ASSETS.rglob("*.py") if library in imported(path)]
    assert users
    assert [str(path) for path in users if not ONLY[library](path)] == []
