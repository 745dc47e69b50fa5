"""The README of every room lists its modules and its imports; these tests compare both with the code."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from graphlib import TopologicalSorter

import pytest

from tests.places import PROJECT

ASSETS = PROJECT / "assets"
ROOMS = sorted(p.name for p in ASSETS.iterdir() if p.is_dir() and p.name != "__pycache__")
LOOSE = {"__init__.py", "catalog.py", "definitions.py"}
"""The modules outside the rooms."""
OWNED = ("dagster", "distributed", "duckdb", "great_expectations", "ortools", "rich", "vl_convert", "xlsxwriter")
"""Libraries that only one room imports (and `definitions.py`, which Dagster loads)."""
NAMED_BY_FORM = {
    "`<seed>.py`": r"^\w+ = seed\(",
    "`<table>.py`": r"^(?:STEPS?|ORIGIN)\b",
    "`<command>.py`": r"^@\w+\.(?:command|group)\b",
    "`charts/<picture>.py`": r"^PICTURE\b",
    "`as_<format>.py`": r"^def write\(",
}
"""Modules that a README names by a form: the form, and how the code of such a module reads."""


def imports(path):
    """Rooms and libraries that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "assets":
            yield from (["assets", alias.name] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")


def found():
    rooms, libraries = defaultdict(set), defaultdict(set)
    for path in ASSETS.rglob("*.py"):
        here = path.relative_to(ASSETS).parts
        room = here[0].removesuffix(".py")
        for name in imports(path):
            if name[0] != "assets":
                libraries[name[0]].add(room)
            elif len(name) > 1 and name[1] != room:
                rooms[room].add(name[1])
    return rooms, libraries


USED, LIBRARIES = found()


def said(room, what):
    """The names in the line of a room's README that begins so; empty if there is no such line."""
    text = (ASSETS / room / "README.md").read_text(encoding="utf-8")
    line = re.search(rf"^{what}: (.+?)\.?$", text, re.MULTILINE)
    return set() if line is None or line[1] == "nothing" else set(line[1].split(", "))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_exactly_what_its_readme_lists(room):
    assert USED[room] == said(room, "May import")


@pytest.mark.parametrize("library", OWNED)
def test_a_library_is_imported_only_in_the_room_that_names_it(library):
    users = LIBRARIES[library] - {"definitions"}
    assert len(users) == 1
    (room,) = users
    assert library in said(room, r"(?:Library|Libraries) of its own")


@pytest.mark.parametrize("room", ROOMS)
def test_every_module_of_a_room_is_in_its_readme(room):
    texts = {p.parent: p.read_text(encoding="utf-8") for p in (ASSETS / room).rglob("README.md")}
    unnamed = []
    for path in sorted((ASSETS / room).rglob("*.py")):
        home = path.parent if path.parent in texts else ASSETS / room
        code, text = path.read_text(encoding="utf-8"), texts[home]
        forms = (form for form, reads in NAMED_BY_FORM.items() if re.search(reads, code, re.MULTILINE))
        name = f"`{path.relative_to(home).as_posix()}`"
        if path.stem not in {"__init__", "__main__"} and not any(shown in text for shown in (name, *forms)):
            unnamed.append(name)
    assert unnamed == []


def test_no_room_imports_one_that_imports_it():
    graph = {room: USED[room] - {"definitions"} for room in [*ROOMS, "catalog"]}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_only_two_modules_are_outside_the_rooms():
    assert {p.name for p in ASSETS.glob("*.py")} == LOOSE


def test_the_map_of_rooms_is_complete():
    text = (ASSETS / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| \[(\w+)\]\((\w+)/README\.md\)", text, re.MULTILINE)

    assert sorted(shown) == [(room, room) for room in ROOMS]
