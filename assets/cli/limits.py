"""Limits of the shell under which the libraries would end the process without a sentence."""

from __future__ import annotations

import resource

from assets.core.errors import EnvironmentFailure

LEAST = 128 << 30
"""Bytes of address space. The libraries that draw charts and hold frames reserve some 70 GB, and use about one."""


def must_allow_address_space() -> None:
    """Refuse to start where the shell limits the address space.

    Errors: EnvironmentFailure.
    """
    allowed, _ = resource.getrlimit(resource.RLIMIT_AS)
    if allowed != resource.RLIM_INFINITY and allowed < LEAST:
        raise EnvironmentFailure(
            f"this shell limits the address space to {allowed / (1 << 30):.1f} GB (ulimit -v), and the libraries "
            "reserve far more than they use: run `ulimit -v unlimited`, and limit the memory itself by a container or "
            "systemd's MemoryMax"
        )
