"""Hostile texts through the gate, and through every outlet that reads a published file.

A file may come from elsewhere: the texts are also written past the gate, straight into a copy of a published file.
"""

from __future__ import annotations

import csv
import html.parser
import io
import json
import re
import shutil
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from tests.ledgers import hostile, seed_files
from tests.system.faults import harness
from tests.system.faults.said import Findings
from tests.system.faults.terminal import on_a_terminal, piped, raw_characters

REFUSED, USAGE = 1, 2

STEP = 25
"""Texts by which each round moves on; a table with more rows than that has every text in one of the rounds."""

TITLES = "select title from facts.sources order by rowid"

FIGURE = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?%?")

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

EXPLAINED = (
    ("metrics.headline.net_commitment_usd", "entity_id=openai"),
    ("metrics.claims.measured_value", "claim_id=nvidia_amd_capacity"),
)


# --- the gate -------------------------------------------------------------------------------------------------------


def planted(seeds: Path, texts: Mapping[str, str]) -> dict[str, str]:
    """Write each text into the title of another source; returns the name of the text by the id of the source."""
    rows = seed_files.read(seeds / "sources.csv")
    model = rows[0]
    more = [
        model | {"source_id": f"hostile_{at:03}", "title": text, "url": f"https://example.org/{at}"}
        for at, text in enumerate(texts.values())
    ]
    seed_files.save(seeds / "sources.csv", [*rows, *more])
    return dict(zip((row["source_id"] for row in more), texts, strict=True))


def gate(folder: Path, texts: Mapping[str, str]) -> tuple[harness.Result, dict[str, str]]:
    """`closedloop check` of all texts, until those that remain are let in; returns them."""
    findings = Findings("security", "hostile texts in the seeds, judged by `closedloop check`")
    seeds = harness.place(folder / "gate").seeds
    clean = seed_files.read(seeds / "sources.csv")
    left = dict(texts)
    while left:
        seed_files.save(seeds / "sources.csv", clean)
        by_id = planted(seeds, left)
        said = on_a_terminal("check", "--seeds", seeds)
        _is_quiet(findings, "check", said.text)
        if said.code == 0:
            break
        findings.hold("check", f"exit code {said.code}: {said.text[-300:]}", is_true=said.code == REFUSED)
        refused = {by_id[i] for i in re.findall(r"hostile_\d{3}", said.text) if i in by_id}
        is_placed = bool(re.search(r"seeds/sources\.csv:\d+", said.text))
        if not findings.hold("check", f"no file and line: {said.text[:300]}", is_true=is_placed and bool(refused)):
            break
        for name in refused:
            del left[name]
            findings.found("refused by name")
    for _ in left:
        findings.found("let in")
    return findings.result(), left


# --- a published file from elsewhere --------------------------------------------------------------------------------


def published(folder: Path, source: Path, seeds: Path, look: Callable[[Path], list[str]], rounds: int = 4) -> Findings:
    """Every outlet of a published file that holds the texts; `look` opens a report and returns complaints."""
    findings = Findings("security", "hostile texts written into a published file, read through every outlet")
    texts = list(hostile.texts().values())
    for number in range(rounds):
        copy = folder / f"poisoned_{number}" / "closedloop.duckdb"
        copy.parent.mkdir(parents=True)
        shutil.copy(source, copy)
        hostile.poison(copy, texts, number * STEP)
        for outlet, complaints in judged(copy, seeds, look):
            findings.found(outlet)
            findings.hold(f"{outlet}, round {number}", "; ".join(complaints)[:300], is_true=not complaints)
        shutil.rmtree(copy.parent)
    return findings


def judged(file: Path, seeds: Path, look: Callable[[Path], list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Each outlet, with complaints about it."""
    where = ("--warehouse", file)
    yield "query", _on_screen("query", "from facts.sources", *where)
    yield "query --csv on a terminal", _on_screen("query", "from facts.sources", "--csv", *where)
    yield "query --csv", csv_of_query(file)
    yield "query --json", _json_of_query(file)
    yield "query --json on a terminal", _on_screen("query", "from facts.sources", "--json", *where)
    yield "query with an error", _on_screen("query", error_query(file), *where, codes=(USAGE,))
    yield "status", _on_screen("status", "--seeds", seeds, *where)
    yield "diff", _on_screen("diff", *where)
    yield "diff --json", _is_json("diff", *where)
    for column, key in EXPLAINED:
        yield "explain", _on_screen("explain", column, "--key", key, *where)
        yield "explain --json", _is_json("explain", column, "--key", key, *where)
    said = on_a_terminal("report", *where)
    yield "report", _complaints(said.code, said.text) or look(file.with_suffix(".report.html"))
    for kind, check in (("csv", _csv_export), ("xlsx", _xlsx_export), ("parquet", _parquet_export)):
        target = file.parent / kind
        said = on_a_terminal("export", "--format", kind, target, *where)
        yield f"export {kind}", _complaints(said.code, said.text) or check(target, file)


def _complaints(code: int, text: str, codes: Sequence[int] = (0,)) -> list[str]:
    found = [] if code in codes else [f"exit code {code}: {text[-200:]}"]
    raw = raw_characters(text)
    found += [f"raw {' '.join(raw)}"] if raw else []
    return found + (["a traceback"] if "Traceback" in text or "panicked" in text else [])


def _on_screen(*arguments: object, codes: Sequence[int] = (0,)) -> list[str]:
    said = on_a_terminal(*arguments)
    return _complaints(said.code, said.text, codes)


def _is_quiet(findings: Findings, label: str, text: str) -> None:
    raw = raw_characters(text)
    findings.hold(label, f"raw {' '.join(raw)}", is_true=not raw)


def _rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def error_query(file: Path) -> str:
    """A query whose error repeats a text that a terminal would execute."""
    number = next(at for at, (title,) in enumerate(_rows(file, TITLES)) if raw_characters(title))
    return f"select cast(title as int) from facts.sources where rowid = {number}"


def csv_of_query(file: Path) -> list[str]:
    done = piped("query", TITLES, "--csv", "--warehouse", file)
    _, *rows = csv.reader(io.StringIO(done.stdout, newline=""))
    return _complaints_about_cells([row[0] for row in rows], [title for (title,) in _rows(file, TITLES)])


def _json_of_query(file: Path) -> list[str]:
    done = piped("query", TITLES, "--json", "--warehouse", file)
    found = [row["title"] for row in json.loads(done.stdout)["rows"]]
    return [] if found == [title for (title,) in _rows(file, TITLES)] else ["other texts"]


def _is_json(*arguments: object) -> list[str]:
    done = piped(*arguments, "--json")
    try:
        found = json.loads(done.stdout)
    except ValueError as error:
        return [f"no JSON: {error}: {done.stderr[-200:]}"]
    return ["a changed text"] if "\ufffd" in done.stdout or not found else []


def runs(cell: str) -> bool:
    """Whether a spreadsheet may run a cell of a CSV file."""
    bare = unicodedata.normalize("NFKC", cell).lstrip().lstrip("".join(map(chr, range(32))) + "\u200b\ufeff")
    is_begun = bare[:1] in {"=", "+", "-", "@"} or cell[:1] in {"\t", "\r"}
    return is_begun and not FIGURE.fullmatch(cell)


def _complaints_about_cells(cells: Sequence[str], texts: Sequence[str]) -> list[str]:
    """Cells that a spreadsheet may run, or that are not the texts, perhaps behind an apostrophe."""
    found = [f"a formula: {cell[:40]!r}" for cell in cells if runs(cell)]
    pairs = zip(cells, texts, strict=False)
    changed = [text for cell, text in pairs if cell not in {text, f"'{text}"}]
    found += [f"{len(cells)} cells of {len(texts)} texts"] if len(cells) != len(texts) else []
    return found + [f"not the text: {text[:40]!r}" for text in changed]


def _csv_export(folder: Path, file: Path) -> list[str]:
    found = []
    for path in sorted(folder.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            header, *rows = csv.reader(lines)
        found += [f"{path.name}: {len(r)} fields" for r in rows if len(r) != len(header)]
        found += [f"{path.name}: a formula {c[:40]!r}" for r in rows for c in r if runs(c)]
        if path.name == "sources.csv":
            at = header.index("title")
            expected = Counter(title for (title,) in _rows(file, TITLES))
            read = Counter(r[at] for r in rows)
            bare = Counter(t if t in read else f"'{t}" for t in expected.elements())
            found += [] if read == bare else ["sources.csv: other titles"]
    return found + _manifest(folder)


def _parquet_export(folder: Path, file: Path) -> list[str]:
    read = pl.read_parquet(folder / "facts" / "sources.parquet")["title"].to_list()
    is_equal = Counter(read) == Counter(title for (title,) in _rows(file, TITLES))
    return [*([] if is_equal else ["other titles"]), *_manifest(folder)]


def _xlsx_export(folder: Path, file: Path) -> list[str]:
    found, texts = [], set()
    for path in sorted(folder.glob("*.xlsx")):
        with zipfile.ZipFile(path) as book:
            names = [n for n in book.namelist() if n.endswith((".xml", ".rels"))]
            trees = {name: ET.fromstring(book.read(name)) for name in names}  # noqa: S314 - our own file
        found += [f"{path.name}: {n}" for n in names if "external" in n.lower() or "connections" in n.lower()]
        for name, tree in trees.items():
            tags = {element.tag.removeprefix(SHEET) for element in tree.iter()}
            found += [f"{path.name}/{name}: <{tag}>" for tag in sorted(tags & {"f", "hyperlink", "ddeLink"})]
            found += [f"{path.name}/{name}: external" for e in tree.iter() if e.get("TargetMode") == "External"]
            texts |= {_unescaped("".join(e.itertext())) for e in tree.iter() if e.tag in {f"{SHEET}si", f"{SHEET}is"}}
    missing = {_lines(title) for (title,) in _rows(file, TITLES)} - {_lines(text) for text in texts}
    return found + [f"missing {t[:40]!r}" for t in sorted(missing)] + _manifest(folder)


def _unescaped(text: str) -> str:
    """A text of a workbook, whose control characters are written as numbers."""
    return re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text)


def _lines(text: str) -> str:
    """A text without differences between endings of lines, which XML does not keep."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _manifest(folder: Path) -> list[str]:
    read = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    return [] if read else ["an empty manifest"]


# --- the report -----------------------------------------------------------------------------------------------------


class Parts(html.parser.HTMLParser):
    """The elements of a page, each with the names of its attributes, and the addresses of links."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: set[tuple[str, str]] = set()
        self.links: set[str] = set()
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts |= {(tag, name) for name, _ in [("", ""), *attrs]}
        self.scripts += tag == "script"
        self.links |= {value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}}


def forged(page: Path, clean: Path) -> list[str]:
    """Elements, attributes and links in a page that a clean one does not have."""
    found, known = (Parts(p.read_text(encoding="utf-8")) for p in (page, clean))
    strange = [f"<{tag} {name}>" for tag, name in sorted(found.parts - known.parts)]
    strange += ["another script"] if found.scripts != known.scripts else []
    return strange + [link[:60] for link in found.links if not link.startswith(("#", "https://", "http://", "data:"))]
