"""The command, called in this process as the tests of the other commands do."""

from tests.integration.cli.conftest import command

__all__ = ["command"]
