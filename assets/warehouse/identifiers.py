"""Names and values in SQL text."""

from __future__ import annotations

import datetime as dt


def quoted(identifier: str) -> str:
    """An identifier in SQL; every name in SQL text passes through here."""
    return '"' + identifier.replace('"', '""') + '"'


def qualified(name: str, catalog: str = "") -> str:
    """`stage.table` quoted, with the catalog before it if there is one."""
    parts = ([catalog] if catalog else []) + list(name.split(".", 1))
    return ".".join(quoted(p) for p in parts)


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def value(given: object) -> str:
    """A value as a SQL literal.

    Errors: TypeError unless it is a text, whole number, truth value, date or None.
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
