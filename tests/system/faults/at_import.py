"""The real command from cold, which receives a signal at the moment when it imports a library.

Run: python -m tests.system.faults.at_import LIBRARY SIGNAL build ... Imports nothing but the command itself.
"""

import os
import sys


class Finder:
    """Finds nothing; it only hears what is looked for, and strikes once."""

    def __init__(self, library: str, number: int) -> None:
        """Strike when this library is imported."""
        self.library = library
        self.number = number

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Hear that a module is looked for."""
        if name == self.library:
            self.library = ""
            os.kill(os.getpid(), self.number)


if __name__ == "__main__":
    from assets.cli import main as cli

    sys.meta_path.insert(0, Finder(sys.argv[1], int(sys.argv[2])))  # type: ignore[arg-type]
    sys.argv = ["closedloop", *sys.argv[3:]]
    cli.main()
