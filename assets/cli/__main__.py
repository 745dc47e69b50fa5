"""`python -m assets.cli` is the command `closedloop`."""

from assets.cli.main import main

main()
