"""Permissions of a file that replaces another one: the same users, never more.

Mode, owner, group, the POSIX access list and the attributes `user.*` are kept. Only root can change the owner; a member
of a group can set the group. Permissions that cannot be kept are narrowed.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

ACCESS_LIST = "system.posix_acl_access"
OF_USERS = "user."
OWNER_ONLY, NOT_OWNER = 0o700, 0o077
OWNER_WRITES = 0o600
FROM_THE_FIRST_MOMENT = 0o600
"""Mode of a replacement file while it is being written."""


def keep_rights(old: Path, new: Path) -> None:
    """Give a file or folder the permissions of the one that it will replace.

    Rules: if owner or group cannot be kept, no user gets more permissions than before. `new` must be closed to other
    users until then.
    Errors: OSError if the mode cannot be set.
    """
    before = old.stat()
    _give(new, before.st_uid, before.st_gid)
    mode = narrowed(before, new.stat())
    listed = _attribute(old, ACCESS_LIST)
    _drop_access_list(new)
    if listed is None:
        new.chmod(mode)
    else:
        new.chmod(mode & OWNER_ONLY)
        _keep_access_list(before, new, listed)
    _copy_attributes(old, new)


def share_rights(model: Path, new: Path) -> None:
    """Restrict a new file of ours to those who may read the model; we can still write it.

    Errors: OSError if the mode cannot be set.
    """
    before = model.stat()
    _give(new, -1, before.st_gid)
    _drop_access_list(new)
    mode = narrowed(before, new.stat()) if _attribute(model, ACCESS_LIST) is None else OWNER_WRITES
    new.chmod(mode & 0o666 | OWNER_WRITES)


def close_as(model: Path, own: Path) -> None:
    """Restrict a file of ours if more users can read it than the model.

    Only its owner can do this; for other users the file is unchanged.
    """
    before, now = model.stat(), own.stat()
    is_more_open = stat.S_IMODE(now.st_mode) & ~stat.S_IMODE(before.st_mode) & NOT_OWNER
    is_of_others = now.st_gid != before.st_gid and now.st_mode & stat.S_IRWXG
    if is_more_open or is_of_others or _attribute(model, ACCESS_LIST) is not None:
        with suppress(PermissionError):
            share_rights(model, own)


def narrowed(before: os.stat_result, after: os.stat_result) -> int:
    """The mode of a file whose owner or group may differ from that of the file that it replaces.

    Rules: the old owner may now count as group or others, the old group as others, and others as the group. Each class
    gets only the permissions that all of them had.
    """
    mode = stat.S_IMODE(before.st_mode)
    special = mode & stat.S_ISGID if stat.S_ISDIR(before.st_mode) and after.st_gid == before.st_gid else 0
    owner, group, others = mode >> 6 & 7, mode >> 3 & 7, mode & 7
    if after.st_uid != before.st_uid:
        group, others = group & owner, others & owner
    if after.st_gid != before.st_gid:
        group = others = group & others
    return special | owner << 6 | group << 3 | others


def _give(new: Path, owner: int, group: int) -> None:
    """Set owner and group, or at least the group."""
    for wanted in (owner, -1):
        with suppress(OSError):
            os.chown(new, wanted, group)
            return


def _keep_access_list(before: os.stat_result, new: Path, listed: bytes) -> None:
    """Set the access list, which also sets the mode, only if owner and group are the same."""
    after = new.stat()
    if (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid):
        with suppress(OSError):
            os.setxattr(new, ACCESS_LIST, listed)


def _drop_access_list(path: Path) -> None:
    """Remove the access list that a new file inherits from its folder.

    Errors: OSError if it cannot be removed.
    """
    if _attribute(path, ACCESS_LIST) is not None:
        os.removexattr(path, ACCESS_LIST)


def _copy_attributes(old: Path, new: Path) -> None:
    if not hasattr(os, "listxattr"):
        return
    with suppress(OSError):
        for name in os.listxattr(old):
            if name.startswith(OF_USERS):
                os.setxattr(new, name, os.getxattr(old, name))


def _attribute(path: Path, name: str) -> bytes | None:
    if not hasattr(os, "getxattr"):
        return None
    with suppress(OSError):
        return os.getxattr(path, name)
    return None
