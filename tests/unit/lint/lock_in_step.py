"""Keeps the locks in step with pyproject.toml: `python -m tests.unit.lint.lock_in_step`, offline.

requirements.lock holds what everybody installs. The additional packages of an extra are in a lock of its own, next to
the room that uses it. The first line of a lock carries a hash of everything in pyproject.toml that a resolution depends
on. `--stamp` writes that line and removes from an extra's lock the packages of requirements.lock; only `make lock`
should, right after it has resolved the locks anew.
"""

import argparse
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.places import PROJECT

LOCK = "requirements.lock"

EXTRA_LOCKS = {"cluster": "assets/scale/cluster.lock", "postgres": "assets/orchestration/postgres.lock"}

HEADER = "# inputs-sha256: "

HASH = re.compile(r"hash=sha256:[0-9a-f]{64}")

ADDRESS = re.compile(r"://|(^|\s)--?(?!hash=)[a-z]")


@dataclass(frozen=True)
class Pin:
    """One locked version of one package, and the environments it is for."""

    name: str
    version: str
    marker: Marker | None
    is_hashed: bool

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Read `name==version ; marker --hash=...`; None when the line is anything else."""
        text, *options = re.split(r"\s--", line)
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return None
        versions = [s.version for s in requirement.specifier if s.operator == "==" and "*" not in s.version]
        if len(versions) != 1 or len(requirement.specifier) != 1:
            return None
        is_hashed = bool(options) and all(HASH.fullmatch(option.strip()) for option in options)
        return cls(canonicalize_name(requirement.name), versions[0], requirement.marker, is_hashed)

    def covers(self, other: Self) -> bool:
        """Tell whether this package is installed wherever the other one would be."""
        return self.name == other.name and self.marker in (None, other.marker)

    def is_other(self, pin: Self) -> bool:
        """Tell whether this is another version of the same package, wherever it is installed."""
        return self.name == pin.name and self.version != pin.version and self.marker == pin.marker

    def serves(self, requirement: Requirement, environment: dict[str, str]) -> bool:
        """Whether this is the required package, for this environment, in an accepted version."""
        return (
            self.name == canonicalize_name(requirement.name)
            and (self.marker is None or self.marker.evaluate(environment))
            and requirement.specifier.contains(self.version, prereleases=True)
        )


def inputs_sha256(pyproject: dict[str, Any]) -> str:
    """Hash the inputs of a resolution, independent of their order and layout."""
    project = pyproject["project"]
    inputs = {
        "requires-python": project["requires-python"],
        "dependencies": sorted(project["dependencies"]),
        "optional-dependencies": {
            extra: sorted(requirements) for extra, requirements in project.get("optional-dependencies", {}).items()
        },
        "build-system.requires": sorted(pyproject["build-system"]["requires"]),
    }
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def stamped(pyproject: dict[str, Any], lock: str) -> str:
    """Return the lock with the header that belongs to this pyproject.toml."""
    body = lock.partition("\n")[2] if lock.startswith(HEADER) else lock
    return f"{HEADER}{inputs_sha256(pyproject)}\n{body}"


def problems(pyproject: dict[str, Any], lock: str, extra: str = "", base: str = "") -> list[str]:
    """Say everything wrong with a lock; nothing when it is in step. That of an extra adds to the lock `base`."""
    found = [] if lock.startswith(f"{HEADER}{inputs_sha256(pyproject)}\n") else [_stale(lock)]
    addresses = filter(ADDRESS.search, lock.splitlines())
    found += [f"an index address or option: {line.strip()}" for line in addresses]
    pins = []
    for line in _pin_lines(lock):
        pin = Pin.read(line)
        if pin is None:
            found.append(f"not a pin of the form name==version: {line}")
            continue
        pins.append(pin)
        if not pin.is_hashed:
            found.append(f"{pin.name}=={pin.version} has no valid sha256 hash")
    shared = [pin for pin in map(Pin.read, _pin_lines(base)) if pin]
    found += [
        f"{p.name}=={p.version} is {p.name}=={s.version} in {LOCK}" for p in pins for s in shared if p.is_other(s)
    ]
    needed = pyproject["project"]["optional-dependencies"][extra] if extra else _requirements(pyproject)
    gaps = _gaps(pyproject, needed, [*pins, *shared])
    found += [f"no pin satisfies {gap} on Python {python}" for gap, python in gaps]
    return found


def without(lock: str, base: str) -> str:
    """A lock without the packages that another one has."""
    shared = [pin for pin in map(Pin.read, _pin_lines(base)) if pin]
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock.strip("\n"))
    kept = [b for b in blocks if not any(p and s.covers(p) for p in map(Pin.read, _pin_lines(b)) for s in shared)]
    return "\n".join(kept) + "\n"


def _stale(lock: str) -> str:
    if not lock.startswith(HEADER):
        return f"the first line is not `{HEADER}<hash>`"
    return "the requirements in pyproject.toml have changed since the lock was made"


def _pin_lines(lock: str) -> Iterator[str]:
    """Yield one line per pin: joined continuations, without comments, blank lines and addresses."""
    for line in re.sub(r"\s*\\\n\s*", " ", lock).splitlines():
        if line.strip() and not line.lstrip().startswith("#") and not ADDRESS.search(line):
            yield line.strip()


def _gaps(pyproject: dict[str, Any], needed: Iterable[str], pins: list[Pin]) -> Iterator[tuple[Requirement, str]]:
    """Yield each requirement with the first supported Python for which no pin serves it."""
    for requirement in map(Requirement, needed):
        for python in _supported_pythons(pyproject):
            environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
            if requirement.marker is not None and not requirement.marker.evaluate(environment):
                continue
            if not any(pin.serves(requirement, environment) for pin in pins):
                yield requirement, python
                break


def _requirements(pyproject: dict[str, Any]) -> Iterator[str]:
    yield from pyproject["build-system"]["requires"]
    yield from pyproject["project"]["dependencies"]
    for extra, requirements in pyproject["project"].get("optional-dependencies", {}).items():
        if extra not in EXTRA_LOCKS:
            yield from requirements


def _supported_pythons(pyproject: dict[str, Any]) -> list[str]:
    supported = SpecifierSet(pyproject["project"]["requires-python"])
    return [f"3.{minor}" for minor in range(100) if f"3.{minor}" in supported]


def main(arguments: list[str] | None = None, root: Path = PROJECT) -> int:
    """Check the lock of this checkout, or stamp it."""
    parser = argparse.ArgumentParser(prog="python -m tests.unit.lint.lock_in_step", description=__doc__)
    parser.add_argument("--stamp", action="store_true", help="write the header into a lock just resolved")
    options = parser.parse_args(arguments)
    pyproject = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = pyproject["project"].get("optional-dependencies", {})
    locks = {LOCK: "", **{path: extra for extra, path in EXTRA_LOCKS.items() if extra in extras}}
    found = []
    for name, extra in locks.items():
        path = root / name
        base = (root / LOCK).read_text(encoding="utf-8") if extra else ""
        lock = path.read_text(encoding="utf-8")
        if options.stamp:
            lock = stamped(pyproject, without(lock, base))
            path.write_text(lock, encoding="utf-8", newline="\n")
        found += [f"{name}: {problem}" for problem in problems(pyproject, lock, extra, base)]
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        print("the locks and pyproject.toml are not in step: run `make lock`, commit them together", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
