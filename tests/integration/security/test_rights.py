"""Replacing a file keeps its permissions: mode, owner, group, access list; those that cannot be kept are narrowed."""

import os
import stat
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets.warehouse import rights
from assets.warehouse.disk import create_like, replace_file, write_beside

GROUP, OTHER_GROUP, NOBODY = 12345, 54321, 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def access_list(*entries):
    """A POSIX access list in the format of Linux: tag, bits, id."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries)


OWNER, USER, OWNING_GROUP, MASK, OTHERS = 1, 2, 4, 16, 32

NO_ID = 0xFFFFFFFF

LISTED = access_list(
    (OWNER, 6, NO_ID), (USER, 4, NOBODY), (OWNING_GROUP, 0, NO_ID), (MASK, 4, NO_ID), (OTHERS, 0, NO_ID)
)
"""One more user may read; the group may not, although the mode shows r for it, which is the mask."""

DEFAULT_LIST = "system.posix_acl_default"


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old"
    path.write_text("old")
    return path


@pytest.fixture
def new(tmp_path):
    path = tmp_path / "new"
    path.touch(0o600)
    return path


def with_list(path, name=rights.ACCESS_LIST, listed=LISTED):
    try:
        os.setxattr(path, name, listed)
    except (OSError, AttributeError):
        pytest.skip("this file system keeps no access lists")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def of(path):
    found = path.stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid


def refuse(*_, **__):
    raise PermissionError(1, "Operation not permitted")


# --- replacing a file -----------------------------------------------------------------------------------------------


@needs_root
@pytest.mark.parametrize("bits", [0o640, 0o600, 0o644, 0o664, 0o604, 0o444, 0o000])
def test_mode_owner_and_group_are_kept(old, new, bits):
    os.chown(old, NOBODY, GROUP)
    old.chmod(bits)

    rights.keep_rights(old, new)

    assert of(new) == (bits, NOBODY, GROUP)


@needs_root
@pytest.mark.parametrize(
    ("bits", "left"), [(0o640, 0o600), (0o644, 0o644), (0o664, 0o644), (0o604, 0o600), (0o660, 0o600), (0o607, 0o600)]
)
def test_where_the_group_cannot_be_kept_neither_group_gets_more_than_it_had(old, new, bits, left, monkeypatch):
    os.chown(old, -1, GROUP)
    old.chmod(bits)
    monkeypatch.setattr(os, "chown", refuse)

    rights.keep_rights(old, new)

    assert of(new) == (left, 0, 0)


@needs_root
def test_where_the_owner_cannot_be_kept_the_group_still_is(old, new, monkeypatch):
    os.chown(old, NOBODY, GROUP)
    old.chmod(0o640)
    chown = os.chown
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: refuse() if uid >= 0 else chown(path, uid, gid))

    rights.keep_rights(old, new)

    assert of(new) == (0o640, 0, GROUP)


def test_no_user_gets_more_permissions():
    """No kind of user (owner or group member of the old or the new file) gets an additional permission."""
    for bits in range(0o1000):
        for owner in (1, 2):
            for group in (1, 2):
                before = SimpleNamespace(st_mode=stat.S_IFREG | bits, st_uid=1, st_gid=1)
                after = SimpleNamespace(st_uid=owner, st_gid=group)
                given = rights.narrowed(before, after)
                for who in (1, 2, 3):
                    for groups in ((), (1,), (2,), (1, 2)):
                        if who == owner:
                            continue  # the writer of the new file has its content anyway
                        had, has = _bits(bits, who, groups, 1, 1), _bits(given, who, groups, owner, group)
                        assert has & ~had == 0, (oct(bits), oct(given), who, groups, owner, group)


def _bits(bits, who, groups, owner, group):
    if who == owner:
        return bits >> 6 & 7
    return bits >> 3 & 7 if group in groups else bits & 7


def test_an_access_list_is_kept(old, new):
    with_list(old)

    rights.keep_rights(old, new)

    assert os.getxattr(new, rights.ACCESS_LIST) == LISTED
    assert mode(new) == mode(old) == 0o640


@needs_root
@pytest.mark.parametrize("broken", ["chown", "setxattr"])
def test_an_access_list_that_cannot_be_kept_leaves_the_file_to_its_owner(old, new, monkeypatch, broken):
    with_list(old)
    os.chown(old, -1, GROUP)
    monkeypatch.setattr(os, broken, refuse)

    rights.keep_rights(old, new)

    assert mode(new) == 0o600
    assert rights.ACCESS_LIST not in os.listxattr(new)


def test_an_access_list_of_the_folder_adds_no_permission_to_a_file(old, tmp_path):
    old.chmod(0o640)
    with_list(tmp_path, DEFAULT_LIST)
    new = tmp_path / "made later"
    new.touch(0o600)
    assert rights.ACCESS_LIST in os.listxattr(new)

    rights.keep_rights(old, new)

    assert rights.ACCESS_LIST not in os.listxattr(new)
    assert mode(new) == 0o640


def test_attributes_of_users_are_kept(old, new):
    with_list(old, "user.label", b"confidential")

    rights.keep_rights(old, new)

    assert os.getxattr(new, "user.label") == b"confidential"


@pytest.mark.parametrize("write", [replace_file, write_beside])
def test_a_replacement_file_is_closed_from_its_creation(old, monkeypatch, write):
    seen = []
    write_bytes = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda p, b: (seen.append(mode(p)), write_bytes(p, b))[1])
    old.chmod(0o640)

    done = write(old, b"new")

    assert seen == [0o600]
    assert mode(done or old) == 0o640
    assert (done or old).read_bytes() == b"new"


def test_leftovers_of_a_process_with_the_same_number_do_not_block(old):
    left = write_beside(old, b"half")
    left.chmod(0o666)

    replace_file(old, b"new")

    assert old.read_bytes() == b"new"
    assert not left.exists()


def test_a_new_file_has_the_usual_mode_or_that_of_its_model(tmp_path, old):
    old.chmod(0o440)
    (tmp_path / "usual").touch()

    replace_file(tmp_path / "free", b"")
    replace_file(tmp_path / "like", b"", like=old)
    replace_file(tmp_path / "like none", b"", like=tmp_path / "missing")
    create_like(tmp_path / "log", old)
    create_like(tmp_path / "no log", tmp_path / "missing")

    assert mode(tmp_path / "free") == mode(tmp_path / "like none") == mode(tmp_path / "usual")
    assert mode(tmp_path / "like") == mode(tmp_path / "log") == 0o640, "we go on writing it"
    assert not (tmp_path / "no log").exists()
