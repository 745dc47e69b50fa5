"""Failures that a person can mend, apart from the data. Imports nothing, so that the command starts fast."""


class EnvironmentFailure(Exception):
    """The machine, not the data, stands in the way: a locked file, a full disk, a missing permission."""
