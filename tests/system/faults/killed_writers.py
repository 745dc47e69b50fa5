"""`closedloop add` and `amend` killed, refused or cut short at any system call, and two of them at once.

Afterwards the next command finds the seeds all old or all new, and the same command again adds no row twice.
"""

from __future__ import annotations

import errno
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from assets.warehouse import seeds_journal
from tests.ledgers import small
from tests.system.faults import harness, launcher, writing_commands
from tests.system.faults.nth_call import CUT, KILL, WAIT, NthCall
from tests.system.faults.said import DONE, ENVIRONMENT, Findings

ROOM = "neighbours"

AT_ONCE = 2

REFUSALS = (errno.EIO, errno.ENOSPC)

AMEND_EVERY, ERROR_EVERY, CUT_EVERY, AGAIN_EVERY = 3, 5, 5, 4
"""Of the calls of `amend`, of those that fail or are cut short, and of those after which the same command runs again
although it finds exactly the old seeds: every n-th.
"""

PAIRS = 10

Content = dict[str, bytes]

Command = Callable[[Path], list[str]]


class Writer:
    """A command, the seeds before and after it, and its system calls about the seeds."""

    def __init__(self, command: Command, folder: Path) -> None:
        """Run it once undisturbed."""
        self.command = command
        seeds = small.write(folder / "seeds")
        self.old = contents(seeds)
        self.fault = NthCall(seeds, 0, since=seeds_journal.JOURNAL, listed=folder / "calls")
        ended = launcher.run(*command(seeds), point=self.fault)
        assert ended.code == DONE, ended.err
        self.new = contents(seeds)
        self.calls = (folder / "calls").read_text(encoding="utf-8").splitlines()

    @property
    def writing(self) -> range:
        """The numbers of the calls by which it writes."""
        return range(1, len(self.calls) + 1)

    @property
    def opening(self) -> list[int]:
        """The numbers of the calls after which it writes into a file."""
        return [n for n in self.writing if self.calls[n - 1].startswith("open ")]


def contents(seeds: Path) -> Content:
    """Every file of a folder."""
    return {p.name: p.read_bytes() for p in seeds.iterdir()}


def run(folder: Path) -> Iterator[harness.Result]:
    """Kills, refusals, pairs."""
    add = Writer(writing_commands.add, folder / "add")
    amend = Writer(writing_commands.amend, folder / "amend")
    kills = [
        *((add, n, KILL) for n in add.writing),
        *((amend, n, KILL) for n in amend.writing[::AMEND_EVERY]),
        *((add, n, CUT) for n in add.opening[::CUT_EVERY]),
        *((amend, n, CUT) for n in amend.opening[::CUT_EVERY]),
    ]
    yield disturbed("kill -9 of `closedloop add` or `amend` between two system calls, or within a write", folder, kills)
    errors = [(add, n, str(e)) for k, e in enumerate(REFUSALS) for n in add.writing[2 * k :: ERROR_EVERY]]
    yield disturbed("a system call of `closedloop add` fails (input/output error, disk full)", folder, errors)
    yield pairs(folder / "pairs", add)


def disturbed(fault: str, folder: Path, chosen: Sequence[tuple[Writer, int, str]]) -> harness.Result:
    """One kind of disturbance at the n-th calls of commands."""
    findings = Findings(ROOM, fault)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for outcome in threads.map(lambda one: disturb(folder, *one, findings), chosen):
            findings.found(outcome)
    return findings.result()


def disturb(folder: Path, writer: Writer, number: int, how: str, findings: Findings) -> str:
    """Disturb a command at its n-th call, then check, then run the same command again; returns what was found."""
    seeds = small.write(folder / f"{writer.command.__name__}_{number}_{how}" / "seeds")
    fault = NthCall(seeds, number, how, since=seeds_journal.JOURNAL)
    label = f"{writer.command.__name__} {how} at {writer.calls[number - 1].rpartition('/')[2]} #{number}"
    ended = launcher.run(*writer.command(seeds), point=fault)
    if how == KILL:
        findings.hold(label, f"not killed: {ended.code} {ended.err[-300:]}", is_true=ended.code < 0)
    elif how != CUT and ended.code != DONE:
        is_told = ended.code == ENVIRONMENT and "Traceback" not in ended.err and str(seeds) in ended.err
        findings.hold(label, f"{ended.code} {ended.err[-300:]}", is_true=is_told)
    checked = launcher.run("check", "--seeds", seeds)
    findings.hold(label, f"check: {checked.code} {checked.err[-300:]}", is_true=checked.code == DONE)
    found = contents(seeds)
    findings.hold(label, f"neither old nor new: {sorted(found)}", is_true=found in (writer.old, writer.new))
    if ended.code == DONE:
        findings.hold(label, "exit code 0 and not written", is_true=found == writer.new)
    if ended.code == ENVIRONMENT:
        findings.hold(label, "exit code 3 and written", is_true=found == writer.old)
    if found != writer.old or number % AGAIN_EVERY == 0:
        again = launcher.run(*writer.command(seeds))
        findings.hold(label, f"again: {again.code} {again.err[-300:]}", is_true=again.code == DONE)
        findings.hold(label, "again: not exactly the new seeds", is_true=contents(seeds) == writer.new)
    shutil.rmtree(seeds.parent)
    return "all new, no row twice when run again" if found == writer.new else "all old"


def pairs(folder: Path, add: Writer, count: int = PAIRS) -> harness.Result:
    """Two commands at once, one of them held up at some call: both are done, or one is refused; nothing is lost."""
    findings = Findings(ROOM, "two commands write seeds at once, one of them held up at some system call")
    others: list[Command] = [second_add, writing_commands.amend, writing_commands.add]
    known = {other: Writer(other, folder / other.__name__) for other in others[:2]} | {others[2]: add}
    for number in range(count):
        other = others[number % len(others)]
        held_at = add.writing[number * len(add.writing) // count]
        findings.found(pair(folder / str(number), add, known[other], held_at, findings))
    return findings.result()


def second_add(seeds: Path) -> list[str]:
    """A deal that has nothing to do with the first one."""
    return writing_commands.add(seeds, "chip", "nvidia")


def pair(folder: Path, first: Writer, second: Writer, held_at: int, findings: Findings) -> str:
    """One pair of commands on one folder of seeds; returns what was found."""
    seeds = small.write(folder / "seeds")
    label = f"add and {second.command.__name__}, held up at #{held_at}"
    fault = NthCall(seeds, held_at, WAIT, since=seeds_journal.JOURNAL)
    commands = {launcher.started(*first.command(seeds), point=fault): first}
    commands[launcher.started(*second.command(seeds))] = second
    done, refused = [], []
    for started, writer in commands.items():
        ended = started.wait()
        is_told = ended.code == ENVIRONMENT and any(s in ended.err for s in ("in the meantime", "another command"))
        findings.hold(label, f"{ended.code} {ended.err[-300:]}", is_true=ended.code == DONE or is_told)
        (refused if ended.code else done).append(writer)
    findings.hold(label, "both refused", is_true=bool(done))
    findings.hold(label, "rows lost or twice", is_true=lines(contents(seeds)) == expected(first.old, done))
    for writer in refused:
        again = launcher.run(*writer.command(seeds))
        findings.hold(label, f"again: {again.code} {again.err[-300:]}", is_true=again.code == DONE)
    both = expected(first.old, [first, second])
    findings.hold(label, "again: rows lost or twice", is_true=lines(contents(seeds)) == both)
    checked = launcher.run("check", "--seeds", seeds)
    findings.hold(label, f"check: {checked.code} {checked.err[-300:]}", is_true=checked.code == DONE)
    return "one refused, nothing lost" if refused else "both done"


def lines(found: Content) -> dict[str, Counter[bytes]]:
    """The lines of every file, in any order."""
    return {name: Counter(content.splitlines()) for name, content in found.items()}


def expected(old: Content, writers: Sequence[Writer]) -> dict[str, Counter[bytes]]:
    """The lines of the seeds and those that some commands add, each once."""
    found = lines(old)
    for name in found:
        for writer in writers:
            found[name] |= lines(writer.new)[name]
    return found
