"""Every exact moment at which `make faults` kills a build, in the order of a build; below, those of the test suite.

Functions are named where the product looks them up. A moment that is not reached fails the room, so that a rename in
the product is noticed.
"""

from __future__ import annotations

from typing import Any

from tests.system.faults.points import Point

LOCK, PUBLISHING = "assets.warehouse.lock", "assets.warehouse.publish"

BUILD = "assets.warehouse.build_file:BuildFile"

LOG = "assets.gates.log"

RENAME, WRITE, UNLINK = "os:replace", "pathlib:Path.write_bytes", "pathlib:Path.unlink"

PUBLISHED = "closedloop.duckdb.tmp-"


def _at(function: str, *moments: str, **more: Any) -> list[Point]:
    return [Point(function, moment, **more) for moment in moments]  # type: ignore[arg-type]


def _during(function: str, *delays_s: float, **more: Any) -> list[Point]:
    return [Point(function, "during", delay_s=d, **more) for d in delays_s]


START = [
    *_at("assets.orchestration.runner:build_definitions", "after"),
    *_at("assets.orchestration.runner:end_dead_runs", "after"),
    *_at(f"{LOCK}:_acquire", "after"),
    *_at(WRITE, "after", only="lock.json"),
    *_at(RENAME, "after", only="lock.json"),
    *_at("assets.orchestration.instance:sign", "before"),
    *_at("assets.warehouse.build_file:_open", "before", "after"),
]

TABLES = [
    *_at(f"{LOG}:append", "before", "after", only="raw.commitments"),
    *_at(f"{BUILD}.commit", "after", only="raw.commitments"),
    *_at(f"{BUILD}._note", "before", "after", only="staging.commitments"),
    *_during(f"{BUILD}.commit", 0.002, 0.01, only="staging.financials"),
    *_at(f"{BUILD}.commit", "before", "after", only="facts.commitments"),
    *_at(f"{BUILD}._replace", "after", only="facts.revenue_coverage"),
    *_at(f"{BUILD}._note", "after", only="metrics.headline"),
    *_at(f"{BUILD}.commit", "after", only="metrics.claims"),
]

PUBLISH = [
    *_at("assets.published.publication:evaluate", "after"),
    *_at(f"{BUILD}.copy_to", "before", "after"),
    *_during(f"{BUILD}.copy_to", 0.02, 0.1),
    *_at(f"{PUBLISHING}:_describe", "after"),
    *_during(f"{PUBLISHING}:_describe", 0.02, 0.1),
    *_during(f"{PUBLISHING}:_verify", 0.02),
    *_at("os:fsync", "before", "after"),
    *_at(UNLINK, "after", only="closedloop.duckdb.wal"),
    *_at(RENAME, "before", "after", only=PUBLISHED),
    *_at(f"{PUBLISHING}:sync", "after", call=2),
    *_at(f"{BUILD}.remember_publications", "after"),
    *_during(f"{BUILD}.remember_publications", 0.002),
    *_at(WRITE, "after", only="gates.jsonl"),
    *_at(RENAME, "before", "after", only="gates.jsonl"),
    *_at(RENAME, "before", only=".report.html"),
]

END = [
    *_at(f"{BUILD}.close", "before", "after"),
    *_during(f"{BUILD}.close", 0.001, 0.005),
    *_at(UNLINK, "before", "after", only="lock.json", call=2),  # the first is of its temporary file
    *_at("assets.cli.progress:headline", "before"),
]

ALL = [*START, *TABLES, *PUBLISH, *END]

FIRST_BUILD = [
    *_at(RENAME, "before", "after", only="dagster.yaml"),
    *_at("assets.warehouse.build_file:_open", "after"),
    *_at(f"{BUILD}.commit", "after", only="raw.entities"),
    *_at(RENAME, "before", "after", only=PUBLISHED),
]
"""Starting without any earlier build."""

ASKED = [
    *_at(f"{LOCK}:_acquire", "after"),
    *_at(f"{BUILD}._replace", "after", only="facts.commitments"),
    *_during(f"{PUBLISHING}:_describe", 0.02),
    *_at(RENAME, "before", "after", only=PUBLISHED),
    *_at(WRITE, "after", only="gates.jsonl"),
]
"""Moments at which a build receives Ctrl-C, or the signal of a machine shutdown."""

FEW_BEFORE = _at(f"{BUILD}._replace", "after", only="facts.commitments")

(AFTER_RENAME,) = _at(RENAME, "after", only=PUBLISHED)
"""For the test suite: in the transaction of a table; and after the rename of the new file."""
