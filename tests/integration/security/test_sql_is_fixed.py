"""No text of a user becomes SQL: values in f-strings with SQL are quoted (`assets.warehouse.ddl`) or constants."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import assets

ROOT = Path(assets.__file__).parent

SQL = re.compile(
    r"\s*(select|insert into|create|drop|attach|detach|delete from|update|copy|alter|comment on|from \w+|truncate"
    r"|pragma|install|load|export|import|with \w+ as|call|prepare \w+ as|execute)\b",
    re.IGNORECASE,
)

QUOTING = {"quoted", "qualified", "literal", "value", "columns_sql", "names_sql"}
"""The functions of `assets.warehouse.ddl` whose result is safe inside SQL."""

EXCUSED = {
    ("cli/progress.py", "_figures", "day"): "a date that DuckDB itself gave",
    ("cli/progress.py", "headline", "last"): "a date that DuckDB itself gave",
    ("warehouse/build_file.py", "_connect", "', '.join(kinds)"): "names of STATE_COLUMNS with a type",
    ("warehouse/published_file.py", "_answered", "sql"): "a SELECT of this project",
    ("warehouse/published_file.py", "_answered", "values"): "each of them is written by `identifiers.value`",
    (
        "warehouse/publish.py",
        "_describe",
        "view.select",
    ): "a SELECT of quoted names (`assets.published.schema.renames`)",
    ("warehouse/ddl.py", "comments_sql", "kind"): "TABLE or VIEW",
    ("bi/checks.py", "_same_rows", "differs"): "comparisons of quoted columns",
}
"""File, function and name of values that are safe for reasons that this test cannot detect."""


def constants(tree: ast.Module) -> set[str]:
    """Names of constants in the module, including imported ones."""
    assigned = {t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    imported = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    return {name for name in assigned | imported if name.isupper()}


def is_safe(value: ast.expr, known: set[str]) -> bool:  # noqa: PLR0911 - one form of expression after the other
    """Whether a value in SQL is quoted, a constant, or a list of such values."""
    match value:
        case ast.Constant() | ast.Name(id=_) if isinstance(value, ast.Constant) or value.id in known:
            return True
        case ast.Attribute(value=ast.Name(id=name)):
            return name in known
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)) if name in QUOTING:
            return True
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="join"), args=[only]):
            listed = only.elt if isinstance(only, ast.GeneratorExp | ast.ListComp) else only
            return is_safe(listed, known)
        case ast.BinOp(left=left, right=right):
            return is_safe(left, known) and is_safe(right, known)
        case ast.BoolOp(values=either):
            return all(is_safe(value, known) for value in either)
        case ast.JoinedStr(values=parts):
            return all(is_safe(p.value, known) for p in parts if isinstance(p, ast.FormattedValue))
        case _:
            return False


def pairs(node: ast.Assign) -> list[tuple[str, ast.expr]]:
    """The names of an assignment, each with its value."""
    target = node.targets[0]
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        both = zip(target.elts, node.value.elts, strict=True)
    else:
        both = zip([target], [node.value], strict=True)
    return [(t.id, v) for t, v in both if isinstance(t, ast.Name)]


def found(source: str) -> list[tuple[str, str]]:
    """Function and value of every unsafe value in f-strings with SQL."""
    tree = ast.parse(source)
    unsafe = []
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)] or [tree]
    inside = {id(s): f for f in functions for s in ast.walk(f) if isinstance(s, ast.JoinedStr)}
    for text in (n for n in ast.walk(tree) if isinstance(n, ast.JoinedStr)):
        written = "".join(p.value for p in text.values if isinstance(p, ast.Constant))
        if not SQL.match(written):
            continue
        function = inside.get(id(text), tree)
        known = constants(tree)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                known |= {name for name, value in pairs(node) if is_safe(value, known)}
        values = [p.value for p in text.values if isinstance(p, ast.FormattedValue)]
        name = getattr(function, "name", "")
        unsafe += [(name, ast.unparse(v)) for v in values if not is_safe(v, known)]
    return unsafe


MODULES = sorted(p for p in ROOT.rglob("*.py"))


def test_values_in_sql_are_quoted_or_constants():
    unsafe = {
        (path.relative_to(ROOT).as_posix(), *one) for path in MODULES for one in found(path.read_text(encoding="utf-8"))
    }
    assert unsafe - EXCUSED.keys() == set()
    assert EXCUSED.keys() - unsafe == set(), "an excuse that nothing needs any more"


@pytest.mark.parametrize(
    "line",
    [
        "f\"select * from facts.deals where deal_id = '{deal}'\"",
        'f"DROP TABLE {name}"',
        'f"insert into t ({columns}) from incoming"',
        "f\"attach '{path}' as other\"",
        'f"prepare question as {name}"',
        'f"execute question({deal})"',
        'f"select {quoted(a)}, {b} from t"',
        "f\"select {', '.join(names)} from t\"",
        "f\"select {', '.join(names) or '*'} from t\"",
        'f"select {quoted(a) or b} from t"',
    ],
)
def test_an_unquoted_value_is_found(line):
    assert len(found(f"def ask(deal, name, columns, path, a, b, names):\n    return {line}\n")) == 1


@pytest.mark.parametrize(
    "line",
    [
        'f"select * from {qualified(name)}"',
        "f\"select {', '.join(quoted(n) for n in names)} from t\"",
        "f\"select {', '.join(quoted(n) for n in names) or '*'} from t\"",
        'f"delete from {STATE} where name = ?"',
        'f"the seed {name} cannot be read"',
    ],
)
def test_a_quoted_value_is_no_alarm(line):
    assert found(f"STATE = 'x'\ndef ask(name, names):\n    return {line}\n") == []
