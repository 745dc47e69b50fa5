"""Replaces two files of a folder and dies, or fails, at its n-th system call: `killed_writer.py FOLDER N HOW`.

HOW is `kill` (SIGKILL before the call), or the number of the error that the call gives. Prints how many calls there
were if it comes to its end.
"""

import os
import signal
import sys
from pathlib import Path

from assets.warehouse import seeds_journal

WATCHED = {
    *("open", "fsync", "os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir"),
    *("os.chmod", "os.chown", "os.setxattr", "os.removexattr"),
}


def main(folder, number, how):
    """Count the calls of a writer and stop at one."""
    count = 0
    is_writing = False

    def call(_event, arguments):
        nonlocal count
        count += is_writing
        if is_writing and count == number:
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(int(how), os.strerror(int(how)), str(arguments[0]))

    watch(folder, call)
    files = {folder / n: ((folder / n).read_bytes(), (folder / n).read_bytes() + b"new\n") for n in ("a.csv", "b.csv")}
    with seeds_journal.alone(folder):
        is_writing = True
        seeds_journal.replace_all(folder, files)
        is_writing = False
    print(count)


def watch(folder, call):
    """Have a function called before every system call of this process about a file whose path has this beginning."""

    def audited(event, arguments):
        if event in WATCHED and is_of(folder, arguments):
            call(event, arguments)

    sys.addaudithook(audited)
    fsync = os.fsync

    def synced(handle):
        audited("fsync", (Path(f"/proc/self/fd/{handle}").readlink(),))
        fsync(handle)

    os.fsync = synced


def is_of(folder, arguments):
    """Whether a call is about a file of the folder."""
    return any(str(folder) in os.fsdecode(a) for a in arguments if isinstance(a, str | bytes | Path))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
