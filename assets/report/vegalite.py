"""Builds charts in Vega-Lite: marks in layers, and channels that show a column of their rows.

Not here: sizes, fonts and colours (`assets.report.theme`); conversion to SVG (`assets.report.drawing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
"""A chart, or a part of one."""

Rows = Sequence[Mapping[str, Any]]


def layered(*layers: Spec, rows: Rows = (), **encoding: Spec) -> Spec:
    """Layers of marks; rows and channels apply to every layer without its own."""
    return {"data": {"values": list(rows)}, "encoding": encoding, "layer": list(layers)}


def layer(kind: str, style: Spec, rows: Rows | None = None, **encoding: Spec) -> Spec:
    """Marks of one kind, one for each row."""
    own = {} if rows is None else {"data": {"values": rows}}
    return {**own, "mark": {"type": kind, **style}, "encoding": encoding}


def quantity(field: str, **more: object) -> Spec:
    """A channel that shows a number."""
    return {"field": field, "type": "quantitative", **more}


def word(field: str, **more: object) -> Spec:
    """A channel that shows a text or a category."""
    return {"field": field, "type": "nominal", **more}


def step(field: str, **more: object) -> Spec:
    """A channel that shows an ordered category."""
    return {"field": field, "type": "ordinal", **more}


def moment(field: str, **more: object) -> Spec:
    """A channel that shows a time."""
    return {"field": field, "type": "temporal", **more}


def coloured(field: str, domain: Iterable[str], colours: Iterable[str]) -> Spec:
    """A channel that gives each category a colour."""
    return word(field, scale={"domain": list(domain), "range": list(colours)}, legend=None)


POINTED_AT = word("tip")
"""The channel of the text shown when the pointer is on a mark."""
