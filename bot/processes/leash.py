"""Becomes another program that dies with the process that asked for it, kill -9 included.

    python -I -S leash.py PARENT_PID PROGRAM ARGUMENT...

It is a program of its own because code between fork and exec is not safe in a process with
threads. Where the kernel has no such signal (macOS), a parent that is killed leaves its children.
Source: prctl(2), PR_SET_PDEATHSIG.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    parent, program = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the signal was armed
        sys.exit(1)
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
