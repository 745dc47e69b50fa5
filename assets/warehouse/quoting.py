"""How names and texts are written into SQL. Imports nothing, so that a question is answered fast."""

from __future__ import annotations


def quoted(identifier: str) -> str:
    """An identifier as SQL writes it; the only way in which a name reaches SQL text."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(name: str, catalog: str = "") -> str:
    """`stage.table` quoted, with the catalog before it if there is one."""
    parts = ([catalog] if catalog else []) + list(name.split(".", 1))
    return ".".join(quoted(p) for p in parts)


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
