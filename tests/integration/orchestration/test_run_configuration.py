"""The options of a run: they include no path and no machine."""

import dagster as dg
import pytest

from assets.definitions import build_definitions
from assets.orchestration.resources import RunOptions
from assets.orchestration.schedules import JOB
from tests.integration.lineage import below


@pytest.fixture
def job(tmp_path):
    return build_definitions(tmp_path / "w" / "w.duckdb", tmp_path / "seeds").resolve_job_def(JOB)


def of(resource, **chosen):
    return {"resources": {resource: {"config": chosen}}}


@pytest.mark.parametrize(
    ("resource", "chosen"),
    [
        ("warehouse", {"warehouse": "victim.duckdb"}),
        ("warehouse", {"seeds": "elsewhere"}),
        ("warehouse", {"scheduler": "tcp://127.0.0.1:8899"}),
        ("warehouse", {"intended_loss": ["prices"]}),
        ("io_manager", {"base_dir": "elsewhere"}),
        ("options", {"warehouse": "victim.duckdb"}),
        ("options", {"scheduler": "tcp://127.0.0.1:8899"}),
    ],
)
def test_a_run_can_name_no_file_and_no_machine(job, resource, chosen):
    with pytest.raises(dg.DagsterInvalidConfigError, match="unexpected config entry"):
        dg.validate_run_config(job, of(resource, **chosen))


def every_field(kind):
    """The names of all fields of a configuration, at any depth."""
    for name, field in getattr(kind, "fields", {}).items():
        yield name
        yield from every_field(field.config_type)


def test_the_launchpad_offers_no_place_and_no_machine(job):
    (resources,) = [f for n, f in job.run_config_schema.config_type.fields.items() if n == "resources"]
    offered = {name: set(every_field(f.config_type)) - {"config"} for name, f in resources.config_type.fields.items()}

    assert offered == {
        "options": {"intended_loss", "draws"}, "warehouse": set(), "io_manager": set(),
    }  # fmt: skip


SIMULATED = "metrics.coverage_simulation"


def test_a_run_with_options_builds_the_warehouse_that_is_shown_and_takes_the_options(pipeline):
    lines = (pipeline.seeds / "prices.csv").read_text().splitlines(keepends=True)
    (pipeline.seeds / "prices.csv").write_text("".join(lines[: len(lines) // 4]))
    refused = pipeline.run("raw.prices", "staging.prices")
    assert "intended-loss" in refused.said("staging.prices")
    chosen = ("raw.prices", *below("raw.prices"), SIMULATED, *below(SIMULATED), "published.warehouse")

    done = pipeline.run(*dict.fromkeys(chosen), options={"intended_loss": ["prices"], "draws": 7})

    assert done.is_success, done.failures
    assert pipeline.ask("from quality.publications order by publication_number")["run_id"][-1] == done.run_id
    assert set(pipeline.ask(f"from {SIMULATED} where draws is not null")["draws"]) == {7}


def test_a_name_that_is_no_seed_is_refused():
    with pytest.raises(ValueError, match="intended_loss names price: write some of assumptions"):
        RunOptions(intended_loss=["price"])


@pytest.mark.parametrize("draws", [0, -1, 10_000_001])
def test_draws_have_bounds(draws):
    with pytest.raises(ValueError, match="draws"):
        RunOptions(draws=draws)
