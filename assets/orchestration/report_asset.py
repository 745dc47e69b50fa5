"""The report as an asset, written after every publication; it never fails a run."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets.core.errors import EnvironmentFailure
from assets.orchestration import markdown, report_previews
from assets.orchestration.assets import OWNERS
from assets.orchestration.publish_asset import KEY as PUBLISHED
from assets.orchestration.resources import Site
from assets.report import page
from assets.report.page import Written

KEY = dg.AssetKey(["published", "report"])

CHECK = "self_contained"


@dg.asset(
    key=KEY,
    deps=[PUBLISHED],
    group_name="published",
    description="One HTML file beside the published one: text and tables for each day that can be chosen, pictures "
    "of the last day, queries and sources. It needs no network. If it cannot be written, the last one stays and the "
    "run goes on.",
    owners=OWNERS,
    kinds={"html"},
    output_required=False,
    check_specs=[dg.AssetCheckSpec(CHECK, asset=KEY, description="one small file that asks the network for nothing")],
)
def published_report(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Site]) -> Iterator[Any]:
    """Write the report, or warn that it could not be written."""
    try:
        written = page.write(warehouse.paths.published)
    except EnvironmentFailure as error:
        message = f"Published, but the report was not written: {error}"
    except Exception as error:  # noqa: BLE001 - a defect of the report must not spoil a good publication
        message = (
            f"Published, but the report was not written: {type(error).__name__}: {error}: this is a defect of "
            "closedloop; `closedloop report --debug` shows where"
        )
    else:
        faults = page.faults(written.path)
        yield _check(passed=not faults, text="; ".join(faults) or "one small file that asks the network for nothing")
        yield _record(written)
        return
    context.log.warning(message)
    yield _check(passed=False, text=message)


def _check(*, passed: bool, text: str) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        passed=passed, check_name=CHECK, asset_key=KEY, severity=severity, description=markdown.lines(text)
    )


def _record(written: "Written") -> dg.MaterializeResult[None]:
    charts = report_previews.markdown(written.path.read_text(encoding="utf-8"))
    return dg.MaterializeResult(
        metadata={
            **{title: dg.MetadataValue.md(chart) for title, chart in charts.items()},
            "path": dg.MetadataValue.path(str(written.path)),
            "size_bytes": written.size_bytes,
            "days": ", ".join(map(str, written.days)),
        }
    )
