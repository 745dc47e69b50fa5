"""Checks of messages about failures of the machine, and results of many faults of one kind.

Not here: any fault (the rooms inject them).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from tests.system.faults import harness

DONE, ENVIRONMENT = 0, 3

LINES_AT_MOST = 3
"""The most lines of a message, without lines of progress."""

PROGRESS = re.compile(r"(\w+ \.\.\.|[\w.]+ failed|)")

STAGES = ("raw", "staging", "facts", "metrics", "published")

NOISE = re.compile(r"Traceback|sqlalche|Exception|OperationalError|defect of closedloop|\[SQL", re.IGNORECASE)

REMEDY = re.compile(
    r"free some space|choose an?other|choose a shorter|give yourself the right|move it away|move the folder away"
    r"|remove (it|the)|wait for it|close the program|put a file there|run the same command again"
)


@dataclass
class Findings:
    """Faults of one kind: the number of each outcome, and every broken promise."""

    room: str
    fault: str
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def found(self, outcome: str) -> None:
        """Count the outcome of one fault."""
        self.outcomes[outcome] += 1

    def hold(self, label: str, said: str = "", *, is_true: bool) -> bool:
        """Record a broken promise unless the condition holds."""
        if not is_true:
            self.broken.append(f"{label}: {said}".strip())
        return is_true

    def check_message(self, label: str, code: int, err: str, *names: str) -> None:
        """A failure of the machine gives exit code 3 and only a few lines with path and remedy."""
        for complaint in complaints(code, err, *names):
            self.broken.append(f"{label}: {complaint}: {err.strip()[-300:]}")

    def result(self) -> harness.Result:
        """The line of the results."""
        text = ", ".join(f"{n} × {what}" for what, n in self.outcomes.items())
        if self.broken:
            text = f"{text}; BROKEN {len(self.broken)}: {' | '.join(self.broken)[:1500]}"
        return harness.Result(self.room, self.fault, self.outcomes.total(), text, not self.broken)


def complaints(code: int, err: str, *names: str) -> list[str]:
    """Errors in the message about a failure of the machine; it must contain all `names`."""
    message = " ".join(err.split())
    found = [f"exit code {code} instead of {ENVIRONMENT}"] if code != ENVIRONMENT else []
    lines = [line for line in err.splitlines() if not PROGRESS.fullmatch(line)]
    found += [f"{len(lines)} lines"] if len(lines) > LINES_AT_MOST else []
    found += [f"noise: {noise[0]}"] if (noise := NOISE.search(message)) else []
    found += ["no remedy"] if not REMEDY.search(message) else []
    return found + [f"{name} is not named" for name in names if name not in message]


def last_stage(err: str) -> str:
    """The last stage of a build, by its output."""
    seen = [s for s in STAGES if re.search(rf"^{s}(\.\w+ failed| \.\.\.)", err, re.MULTILINE)]
    return seen[-1] if seen else "start"
