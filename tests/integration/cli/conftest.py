"""The command, called in this process: fast, with exit code and output as a user gets them."""

import sys
from types import SimpleNamespace

import pytest

from assets.cli import main, options


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(options, "PROJECT", tmp_path / "project")  # should one forget --warehouse
    monkeypatch.setattr(options, "WAREHOUSE", tmp_path / "project" / "warehouse" / "closedloop.duckdb")

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["closedloop", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main.main()
        out, err = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code, out=out, err=err)

    return call
