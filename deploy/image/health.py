"""Exit code 0 if the process in this container says that it is alive; for `docker run` alone.

Kubernetes and Container Apps ask by themselves.
"""

import os
import sys
import urllib.request
from collections.abc import Mapping

TIMEOUT_S = 4


def main(environment: Mapping[str, str]) -> int:
    return 0 if any(alive(port) for port in ports(environment)) else 1


def ports(environment: Mapping[str, str]) -> list[str]:
    """Those of `signoff work`, if it has one, and of `signoff serve`; one of them runs here."""
    given = [environment.get("SIGNOFF_WORK_PORT"), environment.get("SIGNOFF_PORT") or "3978"]
    return [port for port in given if port and port != "0"]


def alive(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(os.environ))
