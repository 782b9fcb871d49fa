"""Runs one command and prints its user, system and wall seconds, its peak memory in bytes, and its status.

A process of its own that imports next to nothing: a child's peak memory is never less than its parent's, so the
parent has to be small. Started with `-I -S`.
"""

import os
import sys
import time


def main() -> None:
    output, errors, *command = sys.argv[1:]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [(os.POSIX_SPAWN_OPEN, number, path, flags, 0o644) for number, path in ((1, output), (2, errors))]
    begin = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=files)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - begin
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(usage.ru_utime, usage.ru_stime, wall, peak, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
