"""Talk to Signoff in Microsoft's Agents Playground: `.venv/bin/python scripts/playground.py ana`.

Starts `signoff serve` in local mode and the Playground (fetched by npx), both on loopback, and ends
both. The Playground speaks as one person of the sandbox's directory.
"""

import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".signoff" / "playground"
PACKAGE = "@microsoft/m365agentsplayground@0.2.28"
SERVER_PORT, PORT = 3978, 56150
OTHERS = 5
"""The Playground takes neither fewer nor more people besides the one who speaks."""
LOCAL = {
    "SIGNOFF_TEAMS_LOCAL": "true",
    "SIGNOFF_TEAMS_SERVICE_HOSTS": "localhost 127.0.0.1",
    "SIGNOFF_PORT": str(SERVER_PORT),
    "SIGNOFF_PUBLIC_URL": f"http://localhost:{SERVER_PORT}",
    "SIGNOFF_STORE": str(FOLDER / "store"),
}


def main(speaker: str) -> int:
    if not shutil.which("npx"):
        sys.exit("The Playground needs Node.js 20 or newer, with npx")
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / ".m365agentsplayground.yml").write_text(config(people(), speaker))
    server = subprocess.Popen(
        (sys.executable, "-m", "bot.cli", "serve"), cwd=ROOT, env={**os.environ, **LOCAL}
    )
    client = subprocess.Popen(command(), cwd=FOLDER)
    try:
        while server.poll() is None and client.poll() is None:
            time.sleep(0.2)
        if server.poll() is not None:
            sys.stdout.write("Signoff has stopped, so the Playground is closed as well.\n")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for process in (client, server):
            process.terminate()
            process.wait()


def command() -> tuple[str, ...]:
    endpoint = f"http://127.0.0.1:{SERVER_PORT}/api/messages"
    options = ("-e", endpoint, "-c", "msteams", "-p", str(PORT), "--disable-telemetry")
    return ("npx", "--yes", PACKAGE, *options)


def people() -> Mapping[str, Mapping[str, Any]]:
    text = (ROOT / "bot" / "sandbox-directory.toml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)["people"]
    return found


def config(everybody: Mapping[str, Mapping[str, Any]], speaker: str) -> str:
    """The Playground's own configuration, with these people."""
    if speaker not in everybody:
        sys.exit(f"There is no {speaker!r}; there are {', '.join(everybody)}")
    tenant = everybody[speaker]["entra"].partition("/")[0]
    rest = [each for name, each in everybody.items() if name != speaker][-OTHERS:]
    others = "".join(f"  - {person(each, '    ')}" for each in rest)
    return (
        f'version: "0.1.1"\ntenantId: {tenant}\nbot:\n  id: signoff\n  name: Signoff\n'
        f"currentUser:\n  {person(everybody[speaker], '  ')}users:\n{others}"
        "personalChat:\n  id: personal-chat\ngroupChat:\n  id: group-chat\n  name: Group chat\n"
        "team:\n  id: team-id\n  name: Infrastructure\n"
        "  aadGroupId: 00000000-0000-0000-0000-000000000031\n"
        "  channels:\n    - id: channel-infra\n      name: infra\n"
    )


def person(entry: Mapping[str, Any], indent: str) -> str:
    name, email = entry["name"], entry["email"]
    lines = (
        f"id: 29:{name}",
        f"name: {name}",
        f"userPrincipleName: {email}",
        f"aadObjectId: {entry['entra'].partition('/')[2]}",
        f"givenName: {name}",
        "surname: Contoso",
        f"email: {email}",
    )
    return f"\n{indent}".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "ana"))
