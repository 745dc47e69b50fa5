"""Reads a report without a browser: its elements in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "link", "input", "br", "img", "path", "line", "rect", "circle"}


@dataclass(repr=False)
class Element:
    """One element with its attributes, its text and its children."""

    tag: str
    attributes: dict
    parent: Element | None = None
    children: list = field(default_factory=list)
    texts: list = field(default_factory=list)

    def all(self, tag, **attributes):
        """Every element below with this tag and these attributes."""
        found = [
            c
            for c in self.children
            if c.tag == tag and all(c.attributes.get(k.strip("_")) == v for k, v in attributes.items())
        ]
        return found + [e for c in self.children for e in c.all(tag, **attributes)]

    def within(self, tag):
        """Whether it is inside such an element."""
        return self.parent is not None and (self.parent.tag == tag or self.parent.within(tag))

    @property
    def text(self):
        """All text inside, with single spaces."""
        return " ".join(re.sub(r"\s+", " ", "".join(self._texts())).split())

    def _texts(self):
        for part in self.texts:
            yield from [part] if isinstance(part, str) else part._texts()


class _Tree(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.here = Element("", {})

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), self.here)
        self.here.children.append(element)
        self.here.texts.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.here = self.here.parent

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.here.tag == tag, f"</{tag}> ends <{self.here.tag}>"
        self.here = self.here.parent

    def handle_data(self, data):
        self.here.texts.append(data)


def read(path: Path) -> Element:
    """The document; asserts that every element is closed correctly."""
    tree = _Tree()
    tree.feed(path.read_text(encoding="utf-8"))
    tree.close()
    assert tree.here is tree.root, f"<{tree.here.tag}> is not closed"
    return tree.root


def rows(document: Element, caption: str, day: str = "") -> list[list[str]]:
    """The rows of the table whose caption begins with this text, on a day, as texts."""
    places = document.all("div", **{"data-day": day}) if day else [document]
    tables = [t for p in places for t in p.all("table") if t.all("caption")[0].text.startswith(caption)]
    assert tables, f"no table {caption!r}"
    (body,) = tables[0].all("tbody")
    return [[c.text for c in row.children if c.tag in {"td", "th"}] for row in body.all("tr")]
