"""quality.publications and the act of publishing: only what is complete, fresh and passed becomes the file for readers."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from assets import registry, sqlfiles, warehouse
from assets.contracts.quality import DICTIONARY, GATE_RESULTS, PUBLICATIONS
from assets.facts.assumptions import as_dict
from assets.failures import EnvironmentFailure
from assets.gates import GateResult, evaluate
from assets.published import gate_log
from assets.published.dictionary import dictionary
from assets.warehouse import BuildFile, Publication, State

PROJECT = Path(__file__).resolve().parents[2]


class NotPublishable(Exception):  # noqa: N818 - a state of the build file, not an error of the code
    """The build file is not fit to be published; the message says why and what to do."""


def unfit(states: Mapping[str, State]) -> list[str]:
    """Why the build file cannot be published: tables missing, refused, or older than what they rest on."""
    told = []
    for name, step in registry.STEPS.items():
        state = states.get(name)
        if state is None:
            told.append(f"{name} has not been built: run the whole job")
        elif not state.is_good:
            told.append(f"{name} was refused ({state.said}): mend the data and run the whole job")
        else:
            stale = [n for n in step.needs if n in states and states[n].fingerprint != state.inputs.get(n)]
            if stale:
                told.append(f"{name} is older than {', '.join(stale)}: run the whole job")
    return told


@functools.cache
def code_version() -> str:
    """Hash of the project's Python and SQL, so that a publication names the code that made it."""
    digest = hashlib.sha256()
    for folder, ending in ((PROJECT / "assets", "*.py"), (PROJECT / "sql", "*.sql")):
        for path in sorted(folder.rglob(ending)):
            digest.update(str(path.relative_to(PROJECT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def seeds_sha256(states: Mapping[str, State]) -> str:
    """Hash of the seed files as they were loaded: name and content of each."""
    files = sorted((n, s.detail.get("sha256", "")) for n, s in states.items() if n.startswith("raw."))
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def publish(build: BuildFile, run_id: str) -> tuple[list[GateResult], dict[str, Any]]:
    """Publish the build file; gives the verdicts on the tables of `quality` and the row of the publication.

    Errors: NotPublishable; EnvironmentFailure. The published file is then untouched.
    """
    states = build.states()
    told = unfit(states)
    if told:
        raise NotPublishable("\n".join(told))
    tables = [s.table for s in registry.STEPS.values()]
    runs_kept = int(as_dict(build.read("staging.assumptions"))["gate_log_runs"])
    verdicts = gate_log.results(build.paths.gate_log, runs_kept)
    rows = {t.full_name: build.read(t.full_name).height for t in tables}
    record: dict[str, Any] = {
        "publication_id": str(uuid.uuid4()),
        "published_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "seeds_sha256": seeds_sha256(states),
        "code_version": code_version(),
        "run_id": run_id,
        "last_known_on": last_known_on(build),
        "table_count": len(tables),
        "row_count": sum(rows.values()),
        "row_counts": json.dumps(rows),
        "fingerprints": json.dumps({n: states[n].fingerprint for n in rows}),
    }
    frames = {
        GATE_RESULTS.full_name: (GATE_RESULTS, verdicts),
        PUBLICATIONS.full_name: (PUBLICATIONS, _history(build, record)),
        DICTIONARY.full_name: (DICTIONARY, dictionary([*tables, GATE_RESULTS, PUBLICATIONS, DICTIONARY])),
    }
    gates = [evaluate(table, frame, build) for table, frame in frames.values()]
    if all(g.is_passed for g in gates):
        statements = ["create schema if not exists bi"]
        statements += [sqlfiles.text("macros", n) for n in sqlfiles.names("macros")]
        statements += [
            sqlfiles.FOLDER.joinpath("views", f"{n}.sql").read_text(encoding="utf-8") for n in sqlfiles.names("views")
        ]
        warehouse.publish(build, Publication(tables, frames, statements))
        gate_log.compact(build.paths.gate_log, verdicts)
    return gates, record


def last_known_on(build: BuildFile) -> dt.date:
    """The latest day on which something in the ledger became known."""
    days = [build.read(t)["known_from"].max() for t in ("facts.commitments", "facts.capacity", "facts.financials")]
    return max(d for d in days if isinstance(d, dt.date))


def _history(build: BuildFile, record: Mapping[str, Any]) -> pl.DataFrame:
    """Earlier publications as the file in place tells them, then the new one."""
    new = pl.DataFrame([dict(record)], schema=PUBLICATIONS.polars_schema)
    try:
        old = warehouse.ask(build.paths.published, "select * from quality.publications")
    except (EnvironmentFailure, warehouse.QueryError):
        return new
    if old.columns != new.columns:
        return new
    return pl.concat([PUBLICATIONS.conform(old), new])
