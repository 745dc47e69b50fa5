"""`closedloop check` in memory, on damaged copies of the same seeds: equal frames are judged once."""

from __future__ import annotations

from pathlib import Path

from assets.core.column_rules import needs
from assets.gates import check_seeds, messages
from assets.gates.evaluate import evaluate

_known: dict[object, object] = {}


def judge(table, frame, inputs, problems=()):
    """`evaluate`, cached by all its inputs, since one damage leaves most tables unchanged."""
    ground = tuple(_mark(inputs.read(name)) for name in needs(table))
    key = table.full_name, _mark(frame), ground, tuple(problems)
    if key not in _known:
        _known[key] = evaluate(table, frame, inputs, problems)
    return _known[key]


def _mark(frame):
    return tuple(frame.schema.items()), frame.hash_rows().to_numpy().tobytes()


def check(seeds: Path, monkeypatch):
    """The gates and the frames that passed."""
    with monkeypatch.context() as patch:
        patch.setattr(check_seeds, "evaluate", judge)
        return check_seeds.check_seeds(seeds)


def refused(gates) -> str:
    """The text of the refusals."""
    return "\n".join(line for gate in gates for line in messages.lines(gate)).strip()


def warned(gates) -> str:
    """The text of the warnings."""
    return "\n".join(line for gate in gates for line in messages.lines(gate, warnings=True)).strip()
