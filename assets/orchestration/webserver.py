"""`python -m assets.orchestration.webserver`: Dagster's webserver with its own options, behind the guard.

CLOSEDLOOP_UI_HOSTS holds the Host names of a proxy in front, separated by commas.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from dagster_webserver import cli

from assets.orchestration.guard import Guard

HOSTS_VARIABLE = "CLOSEDLOOP_UI_HOSTS"
MAKER = "create_app_from_workspace_process_context"
"""The function that creates Dagster's application, by the name that its command uses."""


def main() -> None:
    """Serve; fails if Dagster no longer creates its application through the function guarded here."""
    names = [name.strip() for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name.strip()]
    unguarded: Callable[..., Any] = getattr(cli, MAKER)
    setattr(cli, MAKER, lambda *args, **more: Guard(unguarded(*args, **more), names))
    cli.dagster_webserver(auto_envvar_prefix="DAGSTER_WEBSERVER")


if __name__ == "__main__":
    main()
