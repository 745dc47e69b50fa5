"""Fixtures of whole-run tests: the small ledger, built once per session, and a pipeline in a separate folder."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.ledgers import small

settings.register_profile("no time is measured", deadline=None)
settings.load_profile("no time is measured")

COMMAND = Path(sys.executable).with_name("closedloop")

LONG = 900
"""Timeout of a command in seconds: many times its usual duration, for busy machines."""

CANARY = "canary-5f0e9d-of-a-secret"

SECRETS = ("AWS_SECRET_ACCESS_KEY", "DATABASE_PASSWORD", "MOTHERDUCK_TOKEN", "GX_CLOUD_ACCESS_TOKEN")
"""Environment variables that hold secrets."""


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder that all workers of a session share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="session", autouse=True)
def _dagster_stays_here(shared):
    """Prevent network access and writing to the home of the user or of the project."""
    from assets.orchestration import instance as dagster_home

    with FileLock(shared / "home.lock"):
        home = dagster_home.prepare(shared / "dagster_home")
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"


def once(shared, name, make):
    """A folder made by the first worker that needs it."""
    folder = shared / name
    with FileLock(shared / f"{name}.making"):
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return folder


@dataclass
class Pipeline:
    """A warehouse and its seeds in one folder, run in this process with a history in memory."""

    folder: Path
    history: object = None
    runs: list = field(default_factory=list)

    @property
    def seeds(self):
        return self.folder / "seeds"

    @property
    def published(self):
        return self.folder / "closedloop.duckdb"

    @property
    def paths(self):
        from assets.core.paths import Paths

        return Paths(self.published)

    def run(self, *names, wait=30.0, intended_loss=(), with_report=False, options=None):
        """Run the job, or materialise only these assets, as a user does in the UI, with `options` of its Launchpad.

        The report takes a third of a run and has its own tests, so it is skipped unless requested.
        """
        import dagster as dg

        from assets import catalog
        from assets.definitions import build_definitions
        from assets.orchestration.schedules import JOB

        if self.history is None:
            (self.folder / ".history").mkdir(exist_ok=True)
            self.history = dg.DagsterInstance.ephemeral(
                str(self.folder / ".history"), settings={"telemetry": {"enabled": False}}
            )
        everything = [*catalog.STEPS, "published.warehouse"]
        quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        chosen = {"resources": {"options": {"config": options}}} if options else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.BetaWarning)
            job = build_definitions(self.published, self.seeds, wait, intended_loss).resolve_job_def(JOB)
            result = job.execute_in_process(
                instance=self.history,
                raise_on_error=False,
                run_config=quiet | chosen,
                asset_selection=None if with_report else [dg.AssetKey(n.split(".")) for n in names or everything],
            )
        self.runs.append(result)
        return Run(result)

    def ask(self, sql):
        from assets.warehouse.published_frames import ask

        return ask(self.published, sql)

    def built(self, sql):
        """The result of a query on the build file."""
        import duckdb

        with duckdb.connect(str(self.paths.build), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self):
        """The content of every table of the build file, as one hash each."""
        import duckdb

        with duckdb.connect(str(self.paths.build), read_only=True) as connection:
            names = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> '_build'"
            ).fetchall()
            return {n: connection.execute(f"select count(*), sum(hash(t)) from {n} as t").fetchone() for (n,) in names}

    def mark(self):
        """Hash and inode of the published file: equal only if the file is unchanged."""
        return hashlib.sha256(self.published.read_bytes()).hexdigest(), self.published.stat().st_ino


class Run(SimpleNamespace):
    """The records of a run in Dagster."""

    def __init__(self, result):
        events = result.all_events
        super().__init__(
            is_success=result.success,
            run_id=result.run_id,
            materialised={".".join(e.asset_key.path) for e in events if e.event_type_value == "ASSET_MATERIALIZATION"},
            checks={(".".join(c.asset_key.path), c.check_name): c for c in result.get_asset_check_evaluations()},
            error="".join(str(e.job_failure_data.error) for e in events if e.event_type_value == "PIPELINE_FAILURE"),
            failures={
                e.step_key.replace("__", ".", 1): (e.step_failure_data.user_failure_data or e.step_failure_data.error)
                for e in events
                if e.event_type_value == "STEP_FAILURE"
            },
        )

    def said(self, name):
        """The description of the failure of an asset."""
        return self.failures[name].description


def small_pipeline(folder):
    small.write(folder / "seeds")
    run = Pipeline(folder).run(with_report=True)
    assert run.is_success, f"{run.error} {run.failures}"
    checks = [[*name, check.passed] for name, check in run.checks.items()]
    folder.with_suffix(".json").write_text(json.dumps({"materialised": sorted(run.materialised), "checks": checks}))


@pytest.fixture(scope="session")
def small_built(shared):
    """The small ledger, built and published: do not change it."""
    return Pipeline(once(shared, "small", small_pipeline))


@pytest.fixture(scope="session")
def small_recorded(small_built):
    """The records of the build of the small ledger: assets, and table, name and result of every check."""
    return SimpleNamespace(**json.loads(small_built.folder.with_suffix(".json").read_text()))


@pytest.fixture
def pipeline(small_built, tmp_path):
    """A copy of the small ledger, built and published, that a test may change."""
    folder = tmp_path / "copy"
    shutil.copytree(small_built.folder, folder)
    return Pipeline(folder)


@pytest.fixture
def fresh(tmp_path):
    """The seeds of the small ledger, without a build."""
    small.write(tmp_path / "fresh" / "seeds")
    return Pipeline(tmp_path / "fresh")


def closedloop(*arguments, **more):
    """Run the real command."""
    environment = {**os.environ, "DAGSTER_HOME": "", **more.pop("env", {})}
    environment = {k: v for k, v in environment.items() if v}
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
        env=environment,
        **more,
    )


def real_command(folder):
    """The main job on the real seeds by the real command, in a folder with an awkward name and a separate home.

    Its environment holds secrets, which must not appear anywhere afterwards.
    """
    home = folder / "home"
    home.mkdir()
    place = folder / 'it\'s a "wärehouse" #2'
    environment = {**dict.fromkeys(SECRETS, CANARY), "HOME": str(home)}
    done = closedloop("build", "--warehouse", place / "neu" / "lédger.duckdb", env=environment, cwd=folder)
    (folder / "stdout").write_text(done.stdout)
    (folder / "stderr").write_text(done.stderr)
    (folder / "code").write_text(str(done.returncode))
    (folder / "home_files").write_text("\n".join(str(p) for p in home.rglob("*")))


@pytest.fixture(scope="session")
def real_built(shared):
    """The real ledger, built by the real command: do not change it."""
    folder = once(shared, "real", real_command)
    published = next(iter(folder.glob("it*/neu/*.duckdb")))
    return SimpleNamespace(
        folder=folder,
        published=published.with_name("lédger.duckdb"),
        stdout=(folder / "stdout").read_text(),
        stderr=(folder / "stderr").read_text(),
        code=int((folder / "code").read_text()),
        home_files=(folder / "home_files").read_text(),
    )


@pytest.fixture(scope="module")
def ask(real_built):
    """The rows of a query on the real ledger, over a plain DuckDB connection as BI tools use."""
    import duckdb

    assert real_built.code == 0, real_built.stderr
    with duckdb.connect(str(real_built.published), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


@pytest.fixture
def disk(tmp_path):
    """A disk of a given size, mounted on a folder; skips the test if none can be mounted."""
    from tests.system.faults.full_disk import Disk, NotMountable

    def mounted(size_kb):
        found = Disk(tmp_path / "disk", size_kb)
        opened.append(found)
        try:
            return found.__enter__()
        except NotMountable as error:
            opened.remove(found)
            pytest.skip(str(error))

    opened = []
    yield mounted
    for found in opened:
        found.__exit__()
