"""Who may read a file that takes the place of another one: the same people, never more.

Kept are mode, owner, group, the POSIX access list and the attributes `user.*`. Only root may give a file to another
owner; a group may be given by who belongs to it. What cannot be kept is made narrower.
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
"""Mode of a file that is still being written and takes the place of another one."""


def keep_rights(old: Path, new: Path) -> None:
    """Give a file or folder that is about to take the place of another one the rights of that one.

    Rules: where owner or group cannot be kept, nobody may do more with the new one than with the old one. `new` must be
    closed to everybody else until then.
    Errors: OSError when the mode cannot be set.
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
    """Let nobody read a new file of ours who may not read the model; we go on writing it.

    Errors: OSError when the mode cannot be set.
    """
    before = model.stat()
    _give(new, -1, before.st_gid)
    _drop_access_list(new)
    mode = narrowed(before, new.stat()) if _attribute(model, ACCESS_LIST) is None else OWNER_WRITES
    new.chmod(mode & 0o666 | OWNER_WRITES)


def close_as(model: Path, own: Path) -> None:
    """Close a file of ours to those who may no longer read the model, if it is open to more people than that is.

    Only its owner can; for somebody else it stays as it is.
    """
    before, now = model.stat(), own.stat()
    is_more_open = stat.S_IMODE(now.st_mode) & ~stat.S_IMODE(before.st_mode) & NOT_OWNER
    is_of_others = now.st_gid != before.st_gid and now.st_mode & stat.S_IRWXG
    if is_more_open or is_of_others or _attribute(model, ACCESS_LIST) is not None:
        with suppress(PermissionError):
            share_rights(model, own)


def narrowed(before: os.stat_result, after: os.stat_result) -> int:
    """The mode of a file that has perhaps another owner or group than the one whose place it takes.

    Rules: who owned the old file may now count as its group or as others, and so may the old group; who counted as
    others may now be the group. Each gets only what both had.
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
    """Give a file to owner and group, or at least to the group."""
    for wanted in (owner, -1):
        with suppress(OSError):
            os.chown(new, wanted, group)
            return


def _keep_access_list(before: os.stat_result, new: Path, listed: bytes) -> None:
    """Set the access list, which also sets the mode: whole, for the same owner and group, or not at all."""
    after = new.stat()
    if (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid):
        with suppress(OSError):
            os.setxattr(new, ACCESS_LIST, listed)


def _drop_access_list(path: Path) -> None:
    """Remove the access list that a new file has from its folder.

    Errors: OSError when there is one that cannot be removed.
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
