"""How names and values are written into SQL."""

from __future__ import annotations

import datetime as dt


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


def value(given: object) -> str:
    """A value as SQL writes it.

    Errors: TypeError for what is no text, whole number, truth value, date or None.
    """
    match given:
        case None:
            return "NULL"
        case str():
            return literal(given)
        case dt.datetime():
            return f"TIMESTAMP '{given.isoformat(sep=' ')}'"
        case dt.date():
            return f"DATE '{given.isoformat()}'"
        case bool() | int():
            return str(given)
    raise TypeError(f"{type(given).__name__} is not written into SQL")
