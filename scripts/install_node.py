"""Make ready what the far sides of the tests need: npm packages and a browser.

`python3 scripts/install_node.py`; standard library only. Does nothing if nothing has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "node"
LOCK = FOLDER / "package-lock.json"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    packages()
    browser()


def packages() -> None:
    """The packages of the lock, without running anything that they bring."""
    stamp = FOLDER / "node_modules" / ".installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not shutil.which("npm"):
        sys.exit("The tests of Teams, Slack and the pages need Node.js 20 or newer, with npm")
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def browser() -> None:
    """Chromium, from Debian's packages where there is none."""
    if any(map(shutil.which, BROWSERS)):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.exit("The tests of the pages need Chromium: apt-get install chromium")
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")


def run(*command: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.call(command, cwd=FOLDER, env=environment):
        sys.exit(f"`{' '.join(command)}` failed; what it says above is why")


if __name__ == "__main__":
    main()
