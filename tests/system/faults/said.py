"""What a person reads when the machine refused, and what many faults of one kind came to.

Not here: any fault (the rooms inject them).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from tests.system.faults import harness

DONE, ENVIRONMENT = 0, 3

LINES_AT_MOST = 3
"""Of the message, without the lines of progress."""

PROGRESS = re.compile(r"(\w+ \.\.\.|[\w.]+ failed|)")

STAGES = ("raw", "staging", "facts", "metrics", "published")

NOISE = re.compile(r"Traceback|sqlalche|Exception|OperationalError|defect of closedloop|\[SQL", re.IGNORECASE)

REMEDY = re.compile(
    r"free some space|choose an?other|choose a shorter|give yourself the right|move it away|move the folder away"
    r"|remove (it|the)|wait for it|close the program|put a file there|run the same command again"
)


@dataclass
class Findings:
    """Faults of one kind: how often each outcome was found, and every promise that was broken."""

    room: str
    fault: str
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def found(self, outcome: str) -> None:
        """Count what one fault came to."""
        self.outcomes[outcome] += 1

    def hold(self, label: str, said: str = "", *, is_true: bool) -> bool:
        """Note a promise as broken unless it held."""
        if not is_true:
            self.broken.append(f"{label}: {said}".strip())
        return is_true

    def told_well(self, label: str, code: int, err: str, *names: str) -> None:
        """A refusal by the machine is exit code 3 and a few lines with path and remedy; nothing else is said."""
        for complaint in complaints(code, err, *names):
            self.broken.append(f"{label}: {complaint}: {err.strip()[-300:]}")

    def result(self) -> harness.Result:
        """The line of the table."""
        text = ", ".join(f"{n} × {what}" for what, n in self.outcomes.items())
        if self.broken:
            text = f"{text}; BROKEN {len(self.broken)}: {' | '.join(self.broken)[:1500]}"
        return harness.Result(self.room, self.fault, self.outcomes.total(), text, not self.broken)


def complaints(code: int, err: str, *names: str) -> list[str]:
    """What is wrong with how a refusal of the machine was told; `names` must all stand in it."""
    message = " ".join(err.split())
    found = [f"exit code {code} instead of {ENVIRONMENT}"] if code != ENVIRONMENT else []
    lines = [line for line in err.splitlines() if not PROGRESS.fullmatch(line)]
    found += [f"{len(lines)} lines"] if len(lines) > LINES_AT_MOST else []
    found += [f"noise: {noise[0]}"] if (noise := NOISE.search(message)) else []
    found += ["no remedy"] if not REMEDY.search(message) else []
    return found + [f"{name} is not named" for name in names if name not in message]


def last_stage(err: str) -> str:
    """How far a build had come, by what it said."""
    seen = [s for s in STAGES if re.search(rf"^{s}(\.\w+ failed| \.\.\.)", err, re.MULTILINE)]
    return seen[-1] if seen else "start"
