"""Replaces two files of a folder and dies, or fails, at its n-th system call: `killed_writer.py FOLDER N HOW`.

HOW is `kill` (SIGKILL before the call), or the number of the error that the call gives. Prints how many calls there
were if it comes to its end.
"""

import os
import signal
import sys
from pathlib import Path

from assets.warehouse import disk, seeds_journal

WATCHED = {"open", "os.rename", "os.remove", "os.chmod", "os.chown", "os.setxattr", "os.removexattr", "fsync"}


def main(folder, number, how):
    """Count the calls of a writer and stop at one."""
    count = 0
    is_writing = False

    def call(event, arguments):
        nonlocal count
        if not is_writing or event not in WATCHED or not is_of(folder, arguments):
            return
        count += 1
        if count == number:
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(int(how), os.strerror(int(how)), str(arguments[0]))

    sys.addaudithook(call)
    fsync = os.fsync

    def synced(handle):
        call("fsync", (Path(f"/proc/self/fd/{handle}").readlink(),))
        fsync(handle)

    disk.os.fsync = synced
    files = {folder / n: ((folder / n).read_bytes(), (folder / n).read_bytes() + b"new\n") for n in ("a.csv", "b.csv")}
    with seeds_journal.alone(folder):
        is_writing = True
        seeds_journal.replace_all(folder, files)
        is_writing = False
    print(count)


def is_of(folder, arguments):
    """Whether a call is about a file of the folder."""
    return any(str(folder) in os.fsdecode(a) for a in arguments if isinstance(a, str | bytes | Path))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
