"""`closedloop check`: the gates on the seeds only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from assets.cli import options, output
from assets.cli.intended_loss import intended_loss_option
from assets.core.errors import EnvironmentFailure
from assets.gates import check_seeds, messages
from assets.gates.result import GateResult
from assets.scale.large import Large
from assets.warehouse import published_file, seeds_journal


@click.command(epilog=options.examples("closedloop check", "closedloop check --seeds ../what-if --json"))
@options.seeds_option
@options.warehouse_option
@intended_loss_option
@options.json_option
@options.debug_option
def check(seeds: Path, warehouse: Path | None, intended_loss: tuple[str, ...], *, as_json: bool) -> None:
    """Judge the seeds only: every gate of raw and staging, in seconds, without writing anything.

    The number of rows is compared with the published file of --warehouse, by default (without --seeds) the project's.
    """
    compared = warehouse or (options.WAREHOUSE if seeds == options.SEEDS else None)
    before = rows_published(compared.absolute(), intended_loss) if compared else {}
    with seeds_journal.alone(seeds, is_reader=True):
        gates, _ = check_seeds.check_seeds(
            seeds, rows_published=before, size=Large(), published=compared.absolute() if compared else None
        )
    refused = [g for g in gates if not g.is_passed]
    if as_json:
        output.echo_json(_verdicts(gates))
        sys.exit(output.REFUSED if refused else output.DONE)
    for gate in gates:
        for line in messages.lines(gate, warnings=True):
            output.warn(line)
    for gate in refused:
        output.complain("\n".join(messages.lines(gate)))
    if refused:
        output.complain(f"Refused: {len(refused)} of {len(gates)} tables. Nothing was written.")
        sys.exit(output.REFUSED)
    rules = sum(len(g.results) for g in gates)
    output.echo(f"{len(gates)} tables pass {rules} rules. Nothing was written.")


def rows_published(published: Path, intended_loss: Sequence[str] = ()) -> dict[str, int]:
    """Rows per table in the last publication; empty if the file cannot be read."""
    if not os.path.exists(published):  # noqa: PTH110 - Path.exists raises below a folder that is closed to us
        return {}
    try:
        with published_file.opened(published) as opened:
            (last,) = opened.rows("select arg_max(row_counts, publication_number) as r from quality.publications")
        counts = json.loads(last["r"])
    except (EnvironmentFailure, TypeError, ValueError):
        return {}
    return {n: rows for n, rows in counts.items() if n.removeprefix("staging.") not in intended_loss}


def _verdicts(gates: Sequence[GateResult]) -> dict[str, Any]:
    """The verdicts of every gate, for --json."""
    return {
        "is_passed": all(g.is_passed for g in gates),
        "table_count": len(gates),
        "rule_count": sum(len(g.results) for g in gates),
        "failed_rules": [
            {
                "table_name": gate.table,
                "rule": r.rule,
                "severity": r.severity,
                "reason": r.reason,
                "remedy": r.remedy,
                "rows_checked": r.rows_checked,
                "rows_failed": r.rows_failed,
                "samples": [dict(s) for s in r.samples],
            }
            for gate in gates
            for r in gate.results
            if not r.is_passed
        ],
    }
