"""The last asset: the published file."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from assets import catalog
from assets.core.code_version import STALE_AFTER
from assets.core.errors import EnvironmentFailure
from assets.gates import log, messages
from assets.gates.result import GateResult
from assets.orchestration import markdown
from assets.orchestration.assets import OWNERS, asset_key
from assets.orchestration.resources import Site
from assets.published import publication

KEY = dg.AssetKey(["published", "warehouse"])

CHECK = "gate"


@dg.asset(
    key=KEY,
    deps=[asset_key(name) for name in catalog.leaves()],
    group_name="published",
    description="The DuckDB file for readers: replaced whole, after every gate passed, with comments, macros, tables "
    "for BI tools, verdicts and the dictionary. Readers are never disturbed.",
    owners=OWNERS,
    kinds={"duckdb"},
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=STALE_AFTER),
    check_specs=[dg.AssetCheckSpec(CHECK, asset=KEY, blocking=True, description="complete, fresh, all gates passed")],
)
def published_warehouse(context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Site]) -> Iterator[Any]:
    """Publish the build file, or report why it cannot be published."""
    try:
        gates, record = publication.publish(warehouse.build, context.run.run_id)
    except publication.NotPublishable as error:
        yield _check(passed=False, text=str(error))
        raise dg.Failure(description=f"not published, the last file stays\n{error}", allow_retries=False) from None
    except EnvironmentFailure as error:
        yield _check(passed=False, text=str(error))
        raise dg.Failure(
            description=f"not published, the last file stays\n{error}", metadata={"environment": str(error)}
        ) from None
    refused = [g for g in gates if not g.is_passed]
    yield _check(passed=not refused, text=_refusals(refused) or "complete, fresh, all gates passed")
    if refused:
        for gate in refused:
            log.append(warehouse.paths.gate_log, context.run.run_id, gate)
        raise dg.Failure(description=f"not published, the last file stays\n{_refusals(refused)}", allow_retries=False)
    yield dg.MaterializeResult(
        metadata={
            "path": dg.MetadataValue.path(str(warehouse.paths.published)),
            "dagster/row_count": record["row_count"],
            "publication_id": record["publication_id"],
            "schema_version": record["schema_version"],
            "last_known_on": str(record["last_known_on"]),
            "seeds_sha256": record["seeds_sha256"],
        }
    )


def _check(*, passed: bool, text: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=passed, check_name=CHECK, asset_key=KEY, description=markdown.lines(text))


def _refusals(gates: list[GateResult]) -> str:
    return "\n".join(line for g in gates for line in messages.lines(g)).strip()
