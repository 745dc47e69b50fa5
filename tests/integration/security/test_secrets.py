"""A secret in the environment of a build stays there: not in the file, the logs, the history, nor in what it prints."""

from tests.conftest import closedloop
from tests.ledgers import small

CANARY = "canary-5f0e9d-of-a-secret"

SECRETS = ("AWS_SECRET_ACCESS_KEY", "DATABASE_PASSWORD", "MOTHERDUCK_TOKEN", "GX_CLOUD_ACCESS_TOKEN")


def test_no_secret_of_the_environment_is_kept_or_printed(tmp_path):
    seeds = small.write(tmp_path / "seeds")
    warehouse = tmp_path / "warehouse"
    done = closedloop(
        "build", "--debug", "--seeds", seeds, "--warehouse", warehouse / "w.duckdb", env=dict.fromkeys(SECRETS, CANARY)
    )
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr
    files = [path for path in warehouse.rglob("*") if path.is_file()]
    assert warehouse / "w.duckdb" in files
    assert any(".dagster_home" in path.parts for path in files)
    assert [str(path) for path in files if CANARY.encode() in path.read_bytes()] == []


def test_a_secret_that_was_kept_would_be_found(tmp_path):
    """The search itself: DuckDB keeps a short text as it is written."""
    import duckdb

    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table told as select ? as secret", [CANARY])
    assert CANARY.encode() in path.read_bytes()
