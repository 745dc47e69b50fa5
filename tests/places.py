"""Where the project lies, for tests wherever they stand."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SEEDS = PROJECT / "seeds"
SQL = PROJECT / "sql"
