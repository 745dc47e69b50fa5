"""What whole-run tests share beside the built warehouses: the command in this process, and reports drawn at once."""

import logging
import os
import sys
from types import SimpleNamespace

import pytest

from assets.cli import main, options
from assets.report import page


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """The command, called in this process: fast, with exit code and output as a user gets them."""
    monkeypatch.setattr(options, "PROJECT", tmp_path / "project")  # should one forget --warehouse
    monkeypatch.setattr(options, "WAREHOUSE", tmp_path / "project" / "warehouse" / "closedloop.duckdb")
    monkeypatch.setenv("DAGSTER_HOME", os.environ["DAGSTER_HOME"])  # a build sets its own: it is given back
    monkeypatch.setattr(logging.getLogger("dagster"), "setLevel", lambda _level: None)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["closedloop", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main.main()
        out, err = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code, out=out, err=err)

    return call


@pytest.fixture
def blank_report(monkeypatch):
    """The text of every report: for tests of where it is written, not of what is in it."""
    text = "<!doctype html>\n<html lang=en><title>closedloop</title></html>\n"
    monkeypatch.setattr(page, "render", lambda _ask, _days, _published: text)
    return text
