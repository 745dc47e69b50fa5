"""The path of the project, for tests in any folder."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SEEDS = PROJECT / "seeds"
SQL = PROJECT / "sql"
