"""Further fixtures of whole-run tests: the command in this process, and an empty report."""

import logging
import os
import sys
from types import SimpleNamespace

import pytest

from assets.cli import main, options
from assets.report import page


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """The command, called in this process for speed, with the exit code and output that a user gets."""
    monkeypatch.setattr(options, "PROJECT", tmp_path / "project")  # if a test forgets --warehouse
    monkeypatch.setattr(options, "WAREHOUSE", tmp_path / "project" / "warehouse" / "closedloop.duckdb")
    monkeypatch.setenv("DAGSTER_HOME", os.environ["DAGSTER_HOME"])  # a build changes it: restore
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
    """The text of every report, for tests of the place of a report and not of its content."""
    text = "<!doctype html>\n<html lang=en><title>closedloop</title></html>\n"
    monkeypatch.setattr(page, "render", lambda _ask, _days, _published: text)
    return text
