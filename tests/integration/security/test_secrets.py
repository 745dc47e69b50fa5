"""A secret in the environment of a build does not get into the file, the logs, the history or the output."""

import duckdb

from tests.conftest import CANARY, SECRETS, closedloop
from tests.ledgers import small


def holding_the_secret(folder):
    """Every file below a folder that contains the secret, and the number of files searched."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if CANARY.encode() in path.read_bytes()], files


def test_no_secret_of_the_environment_of_a_build_is_kept_or_printed(real_built):
    assert real_built.code == 0, real_built.stderr
    assert CANARY not in real_built.stdout + real_built.stderr
    found, files = holding_the_secret(real_built.folder)
    assert real_built.published in files
    assert any(".dagster_home" in path.parts for path in files)
    assert found == []


def test_no_secret_is_printed_with_debug(tmp_path):
    seeds, warehouse = small.write(tmp_path / "seeds"), tmp_path / "warehouse"
    (seeds / "sources.csv").unlink()  # most tables depend on it, so the build is short

    done = closedloop(
        "build", "--debug", "--seeds", seeds, "--warehouse", warehouse / "w.duckdb", env=dict.fromkeys(SECRETS, CANARY)
    )

    assert done.returncode == 1, done.stderr
    assert "STEP_FAILURE" in done.stderr
    assert CANARY not in done.stdout + done.stderr
    found, files = holding_the_secret(warehouse)
    assert warehouse / "w.gates.jsonl" in files
    assert found == []


def test_a_secret_that_was_kept_would_be_found(tmp_path):
    """A test of the search itself: DuckDB stores a short text as written."""
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("create table secrets_table as select ? as secret", [CANARY])

    found, _ = holding_the_secret(tmp_path)
    assert found == [str(tmp_path / "w.duckdb")]
