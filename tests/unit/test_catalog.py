"""The catalog holds every table that a module of a stage declares."""

import importlib
import pkgutil

import pytest

from assets import bi, catalog, facts, metrics, quality, raw, staging
from assets.core import sql_files
from assets.core.step import STAGES, Step


@pytest.mark.parametrize("stage", [raw, staging, facts, metrics, quality, bi], ids=lambda s: s.__name__)
def test_every_step_that_a_module_of_a_stage_holds_is_in_the_catalog(stage):
    names = [m.name for m in pkgutil.walk_packages(stage.__path__, f"{stage.__name__}.")]
    steps = [s for n in names for s in vars(importlib.import_module(n)).values() if isinstance(s, Step)]

    assert names
    assert [s.name for s in steps if catalog.STEPS.get(s.name) is not s] == []


def test_every_select_is_a_table():
    selects = {f"{stage}.{name}" for stage in ("metrics", "bi") for name in sql_files.names(stage)}

    assert selects <= set(catalog.STEPS)


def test_a_module_of_a_stage_is_found_with_the_modules_below_it(tmp_path, monkeypatch):
    (tmp_path / "stage_found" / "below").mkdir(parents=True)
    for name, text in {"__init__": "", "one": "STEP = 1", "two": "", "below/__init__": "STEPS = (2, 3)"}.items():
        (tmp_path / "stage_found" / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    assert catalog.steps_of(importlib.import_module("stage_found")) == (2, 3, 1)


def test_stages_follow_one_another():
    stages = [step.table.stage for step in catalog.STEPS.values()]

    assert list(dict.fromkeys(stages)) == [s for s in STAGES if s in stages]


def test_a_table_that_is_built_twice_is_refused():
    step = catalog.STEPS["metrics.headline"]

    with pytest.raises(ValueError, match=r"metrics\.headline is built twice"):
        catalog.by_name((step, step))
