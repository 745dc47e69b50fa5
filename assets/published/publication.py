"""Publishing, and the rows of quality.publications: only complete, current and accepted tables are published."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from assets import catalog
from assets.core import code_version
from assets.core.errors import EnvironmentFailure
from assets.core.step import Inputs
from assets.core.table import Table
from assets.facts.assumptions import as_dict
from assets.gates import log
from assets.gates.evaluate import evaluate
from assets.gates.result import GateResult
from assets.published.schema import renames, snapshots
from assets.published.schema.shape import Version, shape_of
from assets.quality.dictionary import DICTIONARY, dictionary
from assets.quality.gate_results import GATE_RESULTS
from assets.quality.own_tables import OWN_TABLES
from assets.quality.publications import PUBLICATIONS
from assets.raw.seeds_version import SEEN
from assets.warehouse import publish as publishing
from assets.warehouse import published_frames, questions
from assets.warehouse.build_file import HISTORY, BuildFile
from assets.warehouse.publish import View
from assets.warehouse.state import State


class NotPublishable(Exception):  # noqa: N818 - a state of the build file, not an error of the code
    """The build file cannot be published; the message gives reason and remedy."""


def unfit(states: Mapping[str, State]) -> list[str]:
    """Why the build file cannot be published: tables that are missing, refused, or older than their inputs."""
    reasons = []
    for name, step in catalog.STEPS.items():
        state = states.get(name)
        if state is None:
            reasons.append(f"{name} has not been built: run the whole job")
        elif not state.is_good:
            reasons.append(f"{name} was refused ({state.said}): correct the data and run the whole job")
        else:
            stale = [n for n in step.needs if n in states and states[n].fingerprint != state.inputs.get(n)]
            if stale:
                reasons.append(f"{name} is older than {', '.join(stale)}: run the whole job")
    return reasons


def outgrown(build: BuildFile, tables: Sequence[Table]) -> list[str]:
    """Tables that an earlier version of the contracts built: their columns differ from the contract."""
    return [
        f"{t.full_name} was built by an earlier version of the project: run the whole job"
        for t in tables
        if build.schema(t.full_name) != pl.Schema(t.polars_schema)
    ]


def mixed(states: Mapping[str, State]) -> list[str]:
    """Why the loaded seeds cannot be published: different runs loaded them from different versions of the folder."""
    seen = {s.detail[SEEN] for s in states.values() if SEEN in s.detail}
    if not seen or seeds_sha256(states) in seen:
        return []
    return ["the raw tables were read from different versions of the seeds: run the whole job"]


def seeds_sha256(states: Mapping[str, State]) -> str:
    """Hash of the seed files as loaded: name and content of each."""
    return code_version.seeds_sha256({n: s.detail.get("sha256", "") for n, s in states.items() if n.startswith("raw.")})


def publish(build: BuildFile, run_id: str) -> tuple[list[GateResult], dict[str, Any]]:
    """Publish the build file; returns the verdicts on the tables of `quality` and the row of the publication.

    Errors: NotPublishable; EnvironmentFailure. The published file is then unchanged.
    """
    states = build.states()
    tables = [s.table for s in catalog.STEPS.values()]
    reasons = unfit(states) or outgrown(build, tables) or mixed(states)
    if reasons:
        raise NotPublishable("\n".join(reasons))
    known = [*tables, *(table for table, _ in OWN_TABLES)]
    version, views = _shape(known)
    runs_kept = int(as_dict(build.read("staging.assumptions"))["gate_log_runs"])
    verdicts = log.results(build.paths.gate_log, runs_kept)
    rows = {t.full_name: build.height(t.full_name) for t in tables}
    record: dict[str, Any] = {
        "publication_id": str(uuid.uuid4()),
        "published_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "seeds_sha256": seeds_sha256(states),
        "code_version": code_version.code_version(),
        "schema_version": str(version),
        "run_id": run_id,
        "last_known_on": last_known_on(build),
        "table_count": len(tables),
        "row_count": sum(rows.values()),
        "row_counts": json.dumps(rows),
        "fingerprints": json.dumps({n: states[n].fingerprint for n in rows}),
    }
    before = earlier(build)
    record["publication_number"] = max(before["publication_number"].to_list(), default=0) + 1
    publications = pl.concat([before, pl.DataFrame([record], schema=PUBLICATIONS.polars_schema)])
    frames = {
        GATE_RESULTS.full_name: (GATE_RESULTS, verdicts),
        PUBLICATIONS.full_name: (PUBLICATIONS, publications),
        DICTIONARY.full_name: (
            DICTIONARY,
            dictionary([*known, *(v.table for v in views)], rests_on() | _origins(views)),
        ),
    }
    gates = [evaluate(table, frame, build) for table, frame in frames.values()]
    if all(g.is_passed for g in gates):
        macros = (list(catalog.STATEMENTS.values()), {name: macro.about for name, macro in catalog.MACROS.items()})
        publishing.publish(build, publishing.Publication(tables, frames, *macros, views))
        with suppress(EnvironmentFailure):  # the file is published: failing to store the history must not fail the run
            build.remember_publications(publications)
            log.compact(build.paths.gate_log, verdicts)
    return gates, record


def _shape(tables: Sequence[Table]) -> tuple[Version, list[View]]:
    """The version of the shape of these tables, and the old names that it keeps.

    Errors: NotPublishable if a declared rename is invalid, or does not fit the tables.
    """
    try:
        declared = renames.read()
        version = snapshots.version_of(snapshots.stored(), shape_of(tables), declared)
        return version, renames.old_names(tables, declared, version)
    except ValueError as error:
        raise NotPublishable(f"{renames.FILE.name}: {error}") from error


def _origins(views: Sequence[View]) -> dict[str, str]:
    return {view.table.full_name: view.shows for view in views}


def rests_on() -> dict[str, str]:
    """The sources of each table of the published file, by `stage.name`."""
    own = {table.full_name: origin for table, origin in OWN_TABLES}
    return own | {name: step.rests_on for name, step in catalog.STEPS.items()}


def last_known_on(build: Inputs) -> dt.date:
    """The latest day on which a fact of the ledger became known."""
    days = [build.read(t)["known_from"].max() for t in ("facts.commitments", "facts.capacity", "facts.financials")]
    return max(d for d in days if isinstance(d, dt.date))


def rows_published(build: BuildFile) -> dict[str, int]:
    """Rows per table in the last publication, by `stage.table`; empty before the first."""
    last = earlier(build).tail(1)["row_counts"].to_list()
    return dict(json.loads(last[0])) if last else {}


def earlier(build: BuildFile) -> pl.DataFrame:
    """The publications so far, oldest first.

    Rules: the history is read from the published file and from the copy in the build file, so that it survives the loss
    of either. Rows are ordered by number, not by the clock, which may have been set back. A row that lacks a value that
    the contract now requires is left out.
    """
    found = [pl.DataFrame(schema=PUBLICATIONS.polars_schema)]
    with suppress(EnvironmentFailure, questions.QueryError):
        found.append(published_frames.ask(build.paths.published, f"from {PUBLICATIONS.full_name}"))
    with suppress(KeyError):
        found.append(build.read(HISTORY))
    required = [c.name for c in PUBLICATIONS.columns if c.required]
    whole = [PUBLICATIONS.conform(f) for f in map(_numbered, found) if set(required) <= set(f.columns)]
    known = pl.concat(whole, how="diagonal").drop_nulls(required)
    return known.unique(PUBLICATIONS.key, keep="first", maintain_order=True).sort("publication_number", "published_at")


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the number that earlier versions of the project did not write."""
    if "publication_number" in frame.columns or "published_at" not in frame.columns:
        return frame
    return frame.sort("published_at").with_row_index("publication_number", offset=1)
