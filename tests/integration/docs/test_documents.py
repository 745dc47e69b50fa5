"""The documents are correct: generated parts are current, and every command, statement and example runs."""

import difflib
import re
import shlex

import duckdb
import pytest
from click.testing import CliRunner

from assets.cli.main import cli
from tests.integration.docs import picture
from tests.integration.docs.generate import commands_shown, fresh
from tests.integration.docs.markdown import fences
from tests.integration.docs.parts import DOCUMENTS, PARTS, README
from tests.integration.docs.sandbox import Sandbox, copy_seeds
from tests.places import PROJECT

SEEDS_README = PROJECT / "seeds" / "README.md"

EXAMPLES = "closedloop check --seeds examples"

RENEW = "run make docs"

FRONT_PAGE_LINES = 250

CLI_README = PROJECT / "assets" / "cli" / "README.md"


def texts():
    return {document: document.read_text(encoding="utf-8") for document in DOCUMENTS}


def fences_of(document, language):
    return [f for f in fences(texts()[document], language) if not f.use]


def files_of(document):
    return {f.path: f.text for f in fences(texts()[document]) if f.use == "file"}


def append_examples(folder):
    """Append the rows that seeds/README.md shows to a copy of the seeds, in the order of the text."""
    copy_seeds(folder)
    for example in fences(texts()[SEEDS_README], "csv"):
        path = folder / example.path.removeprefix("seeds/")
        header, *rows = example.text.splitlines()
        content = path.read_text(encoding="utf-8")
        assert content.startswith(f"{header}\n"), f"{example.path} has another header than its example"
        path.write_text("\n".join([content.rstrip("\n"), *rows, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory, request):
    made = Sandbox(tmp_path_factory.mktemp("docs"))
    append_examples(made.folder / "examples")
    made.start([EXAMPLES, *commands_shown()])
    made.adopt(request.getfixturevalue("real_built").published)
    yield made
    made.close()


@pytest.fixture(scope="module")
def published(sandbox):
    with duckdb.connect(str(sandbox.published), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(PROJECT)))
def test_generated_parts_and_outputs_are_current(sandbox, document):
    now, then = fresh(document, sandbox), texts()[document]
    changed = "\n".join(difflib.unified_diff(then.splitlines(), now.splitlines(), "written", "now", lineterm="", n=0))
    assert now == then, f"{document.relative_to(PROJECT)} is out of date: {RENEW}\n{changed}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(PROJECT)))
def test_every_part_has_its_place(document):
    named = re.findall(r"<!-- generated: (\S+) -->", texts()[document])
    assert sorted(named) == sorted(PARTS.get(document, {}))


def test_shown_commands_have_the_documented_effect(sandbox):
    codes = {command: sandbox.result(command)[1] for command in commands_shown() if command.startswith("closedloop")}
    assert {command for command, code in codes.items() if code} == {"closedloop check --seeds mistakes"}


def test_statements_shown_run(published):
    statements = [s for document in DOCUMENTS for s in fences_of(document, "sql")]
    assert statements
    for statement in statements:
        assert published.sql(statement.text) is not None, statement.text


def test_python_shown_runs(sandbox, monkeypatch):
    monkeypatch.chdir(sandbox.folder)
    blocks = [b for document in DOCUMENTS for b in fences_of(document, "python")]
    assert blocks
    for block in blocks:
        names = {}
        exec(block.text, names)  # noqa: S102 - the project's own lines
        assert all(len(v) for v in names.values() if hasattr(v, "columns")), block.text


def test_the_picture_shows_the_published_data(sandbox):
    assert picture.shown(picture.FILE.read_text(encoding="utf-8")) == picture.answers(sandbox), RENEW


def test_the_front_page_is_short():
    assert len(texts()[README].splitlines()) <= FRONT_PAGE_LINES, (
        "what is about one room belongs on the page of that room"
    )


def test_examples_of_the_seeds_are_accepted(sandbox):
    found, code = sandbox.result(EXAMPLES)
    assert code == 0, found
    assert "example" not in found, found


def test_every_make_target_and_option_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for document, text in texts().items():
        code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *(f.text for f in fences(text, "sh"))])
        assert set(re.findall(r"\bmake ([a-z]+)", code)) <= targets, document
        for line in re.findall(r"^(?:\$ )?closedloop .*$", code, re.MULTILINE):
            _, *words = shlex.split(line.replace("[", "").replace("]", ""), comments=True)
            command = cli.load(words[0]) if words and words[0] in cli.commands else None
            known = {o for p in (command or cli).params for o in p.opts} | {"--help"}
            assert command or words[0].startswith("-"), f"{document}: {line}"
            assert {w for w in words if w.startswith("--")} <= known, f"{document}: {line}"


def test_exit_codes_are_those_of_the_command():
    table = {int(c): found for c, found in re.findall(r"^\| (\d+) \| (.+) \|$", texts()[CLI_README], re.MULTILINE)}
    help_text = " ".join(CliRunner().invoke(cli, ["--help"]).output.split())
    for code, found in re.findall(r"(\d) ([a-z ]+)[;.]", help_text.partition("Exit codes: ")[2]):
        assert any(word in table[int(code)] for word in found.split() if word not in {"the", "a"}), (code, found)


def test_links_and_paths_lead_somewhere():
    for document, text in texts().items():
        for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", text):
            if target.startswith("http"):
                continue
            page = document.parent / target if target else document
            assert page.exists(), f"{document}: {target}"
            assert not anchor or anchor in anchors(page.read_text(encoding="utf-8")), f"{document}: {target}#{anchor}"
        for path in re.findall(r"`((?:assets|sql|seeds|tests)/[\w./]*)`", text):
            is_example = path in files_of(document)
            assert is_example or (PROJECT / path).exists(), f"{document}: {path}"


def anchors(text):
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
