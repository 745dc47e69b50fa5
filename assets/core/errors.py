"""Failures of the environment that a user can fix. Imports nothing, so that the command starts fast."""


class EnvironmentFailure(Exception):  # noqa: N818 - a failure of the machine, as opposed to an error of the code
    """The machine is at fault, not the data: a locked file, a full disk, a missing permission."""
