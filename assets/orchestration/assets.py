"""A step as a Dagster asset: build the frame, judge it, and only then make it the table.

If the gate refuses, the failed check is recorded, the materialisation is not, and nothing downstream runs: in the same
run because the step failed, in a later run because every asset first checks whether an upstream table was refused.
Not here: steps (`assets.core.step`), gates (`assets.gates.evaluate`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl

from assets import catalog
from assets.core.column_rules import derived_rules
from assets.core.size import Frame
from assets.core.step import Step, ancestors
from assets.core.table import DUCKDB_TYPES, Table
from assets.gates import cut_short, log, messages
from assets.gates.evaluate import evaluate
from assets.gates.result import GateResult
from assets.orchestration import markdown
from assets.orchestration.resources import Site

OWNERS = ["team:ledger"]

PREVIEW_ROWS = 5

PREVIEW_WIDTH = 28

GATE = "gate"

WARNINGS = "warnings"


def asset_key(name: str) -> dg.AssetKey:
    """`stage.table` as the key [stage, table]."""
    return dg.AssetKey(name.split("."))


def check_specs(table: Table) -> list[dg.AssetCheckSpec]:
    """One check for the error rules, and one for the warning rules if the contract has any."""
    rules = derived_rules(table)
    errors = [r.name for r in rules if r.severity == "error"]
    warnings = [r.name for r in rules if r.severity == "warning"]
    key = asset_key(table.full_name)
    specs = [dg.AssetCheckSpec(GATE, asset=key, blocking=True, description=f"stops the build: {', '.join(errors)}")]
    if warnings:
        specs.append(dg.AssetCheckSpec(WARNINGS, asset=key, description=f"shown, does not stop: {', '.join(warnings)}"))
    return specs


def gated_asset(step: Step) -> dg.AssetsDefinition:
    """The asset of a step."""
    table = step.table

    @dg.asset(
        key=asset_key(step.name),
        deps=[asset_key(n) for n in step.needs],
        group_name=table.stage,
        description=description(table),
        metadata=definition_metadata(step),
        owners=OWNERS,
        kinds={"duckdb"} if table.stage in {"metrics", "bi"} else {"polars", "duckdb"},
        check_specs=check_specs(table),
    )
    def build(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Site]) -> Iterator[Any]:
        site = warehouse
        site.build.size.listen(lambda text: context.log.info("%s: %s", step.name, text))
        refuse_on_bad_ground(site, step)
        built = step.build(site.build)
        if table.stage == "raw":
            built = site.version.judged(table.name, built)
            kept = site.build.rows_published(f"staging.{table.name}")
            built = cut_short.judged(built, table.name, site.paths.published, kept)
        gate = evaluate(table, built.frame, site.build, built.problems)
        log.append(site.paths.gate_log, context.run.run_id, gate)
        yield from check_results(gate, table)
        if not gate.is_passed:
            text = "\n".join(messages.lines(gate))
            site.build.refuse(step.name, ", ".join(r.rule for r in gate.refusals), context.run.run_id)
            raise dg.Failure(description=f"{step.name} refused, the last good table stays\n{text}", allow_retries=False)
        states = site.build.states()
        inputs = {n: states[n].fingerprint for n in step.needs}
        metadata = result_metadata(built.frame, table)
        site.build.commit(table, built.frame, inputs, built.detail, context.run.run_id)
        yield dg.MaterializeResult(metadata=metadata)

    return build


def refuse_on_bad_ground(site: Site, step: Step) -> None:
    """Refuse to build if the gate of any upstream table refused, in this run or an earlier one.

    Errors: dg.Failure that names the table and the remedy.
    """
    states = site.build.states()
    for name in ancestors(step.name, catalog.STEPS):
        state = states.get(name)
        if state is None:
            text = f"{step.name} not built: {name} has never been built; run the whole job"
        elif not state.is_good:
            text = f"{step.name} not built: {name} was refused ({state.said}); correct the data and run the whole job"
        else:
            continue
        raise dg.Failure(description=text, allow_retries=False)


def check_results(gate: GateResult, table: Table) -> Iterator[dg.AssetCheckResult]:
    """The verdicts as check results of Dagster."""
    key = asset_key(gate.table)
    yield dg.AssetCheckResult(
        passed=gate.is_passed,
        check_name=GATE,
        asset_key=key,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_headline(gate, is_warning=False),
        metadata=_check_metadata(gate, "error"),
    )
    if any(r.severity == "warning" for r in derived_rules(table)):
        yield dg.AssetCheckResult(
            passed=not gate.warnings,
            check_name=WARNINGS,
            asset_key=key,
            severity=dg.AssetCheckSeverity.WARN,
            description=_headline(gate, is_warning=True),
            metadata=_check_metadata(gate, "warning"),
        )


def _headline(gate: GateResult, *, is_warning: bool) -> str:
    failed = gate.warnings if is_warning else gate.refusals
    if not failed:
        return "every rule holds"
    lines = "\n".join(messages.lines(gate, warnings=is_warning)).strip().splitlines()
    # The UI renders Markdown, and joins lines.
    return "\n".join(f"· {markdown.text(line)}" if line.startswith("  ") else markdown.text(line) for line in lines)


def _check_metadata(gate: GateResult, severity: str) -> dict[str, dg.MetadataValue]:
    rules = [r for r in gate.results if r.severity == severity]
    shown = sorted(rules, key=lambda r: r.is_passed)
    rule_table = markdown.table(
        ("rule", "passed", "rows failed", "why", "remedy"),
        ((r.rule, "yes" if r.is_passed else "NO", r.rows_failed, r.reason, r.remedy) for r in shown),
    )
    samples = {r.rule: [dict(s) for s in r.samples] for r in rules if not r.is_passed}
    metadata: dict[str, dg.MetadataValue] = {
        "rules": dg.MetadataValue.md(rule_table),
        "rows_checked": dg.MetadataValue.int(max((r.rows_checked for r in rules), default=0)),
        "rows_failed": dg.MetadataValue.int(sum(r.rows_failed for r in rules)),
    }
    if samples:
        metadata["failing_keys"] = dg.MetadataValue.json(_plain(samples))
    return metadata


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def description(table: Table) -> str:
    """The text at the top of the asset page: summary, grain, key and hazards."""
    parts = [
        table.summary,
        f"**Grain**: {table.grain}.",
        f"**Key**: {', '.join(table.key) or table.no_key_because}.",
    ]
    parts += [f"**Hazard**: {h}." for h in table.hazards]
    return "\n\n".join(parts)


def definition_metadata(step: Step) -> dict[str, Any]:
    """Column schema and origin, known before anything runs."""
    table = step.table
    columns = [
        dg.TableColumn(
            c.name,
            DUCKDB_TYPES[c.kind],
            description=f"{c.description}{f' [{c.unit}]' if c.unit else ''}",
            constraints=dg.TableColumnConstraints(nullable=not c.required, unique=table.key == (c.name,)),
        )
        for c in table.columns
    ]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/table_name": table.full_name,
        "source": step.rests_on,
    }


def result_metadata(frame: Frame, table: Table) -> dict[str, Any]:
    """Row count and a preview of the first rows."""
    metadata: dict[str, Any] = {
        "dagster/row_count": frame.height,
        "preview": dg.MetadataValue.md(preview(frame)),
    }
    if "url" in frame.columns:
        linked = frame.lazy().filter(pl.col("url").is_not_null()).head(PREVIEW_ROWS).collect()
        links = [f"- {markdown.text(r['title'])}: {markdown.address(r['url'])}" for r in linked.to_dicts()]
        metadata["links"] = dg.MetadataValue.md("\n".join(links))
    if "known_from" in table.column_names:
        metadata["last_known_on"] = str(frame.lazy().select(pl.col("known_from").max()).collect().item())
    return metadata


def preview(frame: Frame) -> str:
    """The first rows as a Markdown table, with long cells cut."""
    head = frame.head(PREVIEW_ROWS)
    return markdown.table(head.columns, ([_cell(v) for v in row] for row in head.iter_rows()))


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:,.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= PREVIEW_WIDTH else text[: PREVIEW_WIDTH - 1] + "…"
