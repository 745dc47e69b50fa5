"""Update the generated parts and the outputs in the documents: `make docs`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from assets.published.schema import changelog, renames, snapshots
from tests.integration.docs import picture
from tests.integration.docs.markdown import commands, fences, with_outputs, with_part, with_parts
from tests.integration.docs.parts import DOCUMENTS, PARTS
from tests.integration.docs.sandbox import Sandbox
from tests.places import PROJECT


def fresh(document: Path, sandbox: Sandbox) -> str:
    """The current text of a document."""
    text = document.read_text(encoding="utf-8")
    parts = PARTS.get(document, {})
    written = with_parts(text, lambda name: parts[name](sandbox))
    return with_outputs(written, sandbox.outputs)


def renew(document: Path, name: str, written: str) -> None:
    """Update one generated part of a document, for the program that has just produced its content."""
    text = document.read_bytes().decode()
    document.write_bytes(with_part(text, name, written).encode())


def commands_shown() -> list[str]:
    """Every command of every session in the documents."""
    texts = [document.read_text(encoding="utf-8") for document in DOCUMENTS]
    return [c for text in texts for fence in fences(text, "console") for c in commands(fence.text)]


def main() -> None:
    """Rewrite the documents that are out of date."""
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder))
        sandbox.start(commands_shown())
        sandbox.build()
        for document in DOCUMENTS:
            before, now = document.read_text(encoding="utf-8"), fresh(document, sandbox)
            if now != before:
                document.write_text(now, encoding="utf-8")
                print(f"{document.relative_to(PROJECT)} was rewritten")
        picture.FILE.write_text(picture.draw(picture.answers(sandbox)), encoding="utf-8")
        sandbox.close()
    changelog.FILE.write_text(changelog.changelog(snapshots.stored(), renames.read()), encoding="utf-8")


if __name__ == "__main__":
    main()
