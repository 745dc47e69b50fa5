"""The real command in a new process, which receives a signal while it imports a library.

Run: python -m tests.system.faults.at_import LIBRARY SIGNAL build ... Imports only the command itself.
"""

import os
import sys


class Finder:
    """A finder that finds nothing; it sends a signal once, when the library is imported."""

    def __init__(self, library: str, number: int) -> None:
        """Set the library and the signal."""
        self.library = library
        self.number = number

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Called for every imported module."""
        if name == self.library:
            self.library = ""
            os.kill(os.getpid(), self.number)


if __name__ == "__main__":
    from assets.cli import main as cli

    sys.meta_path.insert(0, Finder(sys.argv[1], int(sys.argv[2])))  # type: ignore[arg-type]
    sys.argv = ["closedloop", *sys.argv[3:]]
    cli.main()
