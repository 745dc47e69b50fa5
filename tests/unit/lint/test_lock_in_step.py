"""The lock check accepts a lock in step, rejects every deviation, and names the remedy."""

import copy
from pathlib import Path

import pytest

from tests.unit.lint import lock_in_step

PYPROJECT = {
    "project": {
        "requires-python": ">=3.11,<3.13",
        "dependencies": ["Alpha.Lib>=2,<3", "beta>=1"],
        "optional-dependencies": {"dev": ["gamma==5"]},
    },
    "build-system": {"requires": ["builder>=80"]},
}

HASH = f"--hash=sha256:{'0' * 64}"

PINS = f"""\
alpha-lib==2.4 ; python_full_version < '3.12' \\
    {HASH}
alpha-lib==2.5 ; python_full_version >= '3.12' \\
    {HASH} \\
    {HASH}
beta==1.0 \\
    {HASH}
builder==80.1 \\
    {HASH}
gamma==5 \\
    {HASH}
"""

LOCK = lock_in_step.stamped(PYPROJECT, PINS)


def test_lock_in_step_is_accepted():
    assert lock_in_step.problems(PYPROJECT, LOCK) == []


INDEX = "--index" + "-url"  # split in two, so that the repository contains no such option

BETA = f"beta==1.0 \\\n    {HASH}\n"

OUT_OF_STEP = {
    "no header": (LOCK.partition("\n")[0], "# by hand", "the first line is not `# inputs-sha256: <hash>`"),
    "pin too old": ("beta==1.0", "beta==0.9", "no pin satisfies beta>=1 on Python 3.11"),
    "pin absent": (BETA, "", "no pin satisfies beta>=1 on Python 3.11"),
    "build system": ("builder==80.1", "builder==79", "no pin satisfies builder>=80 on Python 3.11"),
    "extra": ("gamma==5", "gamma==6", "no pin satisfies gamma==5 on Python 3.11"),
    "one Python of two": ("lib==2.5", "lib==3.5", "no pin satisfies Alpha.Lib<3,>=2 on Python 3.12"),
    "range": ("beta==1.0", "beta>=1.0", f"not a pin of the form name==version: beta>=1.0 {HASH}"),
    "wildcard": ("beta==1.0", "beta==1.*", f"not a pin of the form name==version: beta==1.* {HASH}"),
    "no hash": (BETA, "beta==1.0\n", "beta==1.0 has no valid sha256 hash"),
    "weak hash": (BETA, "beta==1.0 --hash=md5:00\n", "beta==1.0 has no valid sha256 hash"),
    "index": (BETA, f"{INDEX} mirror\n{BETA}", f"an index address or option: {INDEX} mirror"),
    "find links": (BETA, f"-f wheels\n{BETA}", "an index address or option: -f wheels"),
    "comment": (BETA, f"# http://a.test\n{BETA}", "an index address or option: # http://a.test"),
    "direct address": (BETA, "beta @ https://a.test\n", "an index address or option: beta @ https://a.test"),
}


@pytest.mark.parametrize(("written", "instead", "message"), OUT_OF_STEP.values(), ids=OUT_OF_STEP.keys())
def test_lock_out_of_step_is_rejected(written, instead, message):
    assert LOCK.count(written) == 1
    assert message in lock_in_step.problems(PYPROJECT, LOCK.replace(written, instead))


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("project", "requires-python", ">=3.12,<3.13"),
        ("project", "dependencies", ["Alpha.Lib>=2,<3"]),
        ("project", "optional-dependencies", {"dev": ["gamma"]}),
        ("build-system", "requires", ["builder"]),
    ],
)
def test_any_changed_input_requires_a_new_lock(section, key, value):
    changed = copy.deepcopy(PYPROJECT)
    changed[section][key] = value
    assert lock_in_step.problems(changed, LOCK) == [
        "the requirements in pyproject.toml have changed since the lock was made"
    ]


def test_order_and_other_tables_of_pyproject_do_not_matter():
    other = copy.deepcopy(PYPROJECT) | {"tool": {"ruff": {"line-length": 110}}}
    other["project"]["dependencies"].reverse()
    assert lock_in_step.problems(other, LOCK) == []


def test_requirement_for_other_environments_needs_no_pin():
    other = copy.deepcopy(PYPROJECT)
    other["project"]["dependencies"].append("tzdata; sys_platform == 'nowhere'")
    assert lock_in_step.problems(other, lock_in_step.stamped(other, PINS)) == []


def test_stamp_replaces_the_old_header():
    assert lock_in_step.stamped(PYPROJECT, f"{lock_in_step.HEADER}old\n{PINS}") == LOCK


def test_command_names_the_remedy_and_stamp_writes_the_header(tmp_path: Path, capsys):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nrequires-python = ">=3.11"\ndependencies = ["beta>=1"]\n[build-system]\nrequires = []\n'
    )
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"beta==1.0 \\\n    {HASH}\n")

    assert lock_in_step.main([], tmp_path) == 1
    assert "run `make lock`, commit them together" in capsys.readouterr().err
    assert lock_in_step.main(["--stamp"], tmp_path) == 0
    assert lock.read_text().startswith(lock_in_step.HEADER)
    assert lock_in_step.main([], tmp_path) == 0
    assert capsys.readouterr().err == ""


EXTRA = copy.deepcopy(PYPROJECT)
EXTRA["project"]["optional-dependencies"]["cluster"] = ["delta>=1", "beta>=1"]

DELTA = f"delta==1.5 \\\n    {HASH}\n"


def test_the_lock_of_an_extra_adds_to_the_one_of_the_project():
    base = lock_in_step.stamped(EXTRA, PINS)

    assert lock_in_step.problems(EXTRA, base) == [], "what only an extra needs is not missed there"
    assert lock_in_step.problems(EXTRA, lock_in_step.stamped(EXTRA, DELTA), "cluster", base) == []
    assert lock_in_step.problems(EXTRA, lock_in_step.stamped(EXTRA, ""), "cluster", base) == [
        "no pin satisfies delta>=1 on Python 3.11"
    ]
    assert lock_in_step.problems(
        EXTRA, lock_in_step.stamped(EXTRA, DELTA + BETA.replace("1.0", "1.1")), "cluster", base
    ) == ["beta==1.1 is beta==1.0 in requirements.lock"]


def test_what_the_project_installs_everywhere_is_left_out_of_the_lock_of_an_extra():
    elsewhere = f"epsilon==2 ; sys_platform == 'nowhere' \\\n    {HASH}\n"
    here = f"epsilon==2 \\\n    {HASH}\n"

    assert lock_in_step.without(BETA + DELTA, PINS) == DELTA
    assert lock_in_step.without(BETA + here, PINS + elsewhere) == here
    assert lock_in_step.without(elsewhere + DELTA, PINS + here) == DELTA


def test_the_locks_of_this_checkout_are_in_step():
    assert lock_in_step.main([]) == 0
