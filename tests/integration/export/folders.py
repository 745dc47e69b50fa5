"""Exports by the real command, and the content of a folder afterwards."""

import subprocess

from tests.conftest import COMMAND


def exported(published, to, kind, *more):
    return subprocess.run(
        [COMMAND, "export", "--format", kind, "--warehouse", published, *more, to],
        capture_output=True,
        text=True,
        check=False,
    )


def content(of):
    return {str(p.relative_to(of)): p.read_bytes() for p in of.rglob("*") if p.is_file()}
