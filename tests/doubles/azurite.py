"""Azurite from npm: Azure Blob Storage on loopback, in memory, a child that is ended by its id."""

import os
import re
import secrets
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NODE = Path(__file__).parents[1] / "node"
ACCOUNT = "signoff"
_MAIN = "node_modules/azurite/dist/src/blob/main.js"
_OPTIONS = ("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry")
_LISTENS = re.compile(r"listens on (https?)://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True, slots=True)
class Azurite:
    """`url` is the account's; an account key is made for each process."""

    url: str
    port: int
    key: str = field(repr=False)


@contextmanager
def azurite(*more: str, account: str = ACCOUNT) -> Iterator[Azurite]:
    key = b64encode(secrets.token_bytes(64)).decode()
    address = ("--blobHost", "127.0.0.1", "--blobPort", "0")
    process = subprocess.Popen(
        ["node", _MAIN, *address, *_OPTIONS, *more],
        cwd=NODE,
        env={**os.environ, "AZURITE_ACCOUNTS": f"{account}:{key}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        scheme, port = _address(process.stdout)
        yield Azurite(f"{scheme}://127.0.0.1:{port}/{account}", port, key)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _address(output: Iterator[str]) -> tuple[str, int]:
    said = []
    for line in output:
        if found := _LISTENS.search(line):
            return found[1], int(found[2])
        said.append(line)
    raise AssertionError(f"Azurite did not start (make far-sides installs it): {''.join(said)}")


def tls(certificate: Path, key: Path) -> Sequence[str]:
    """Options with which it believes bearer tokens, as it only does over TLS."""
    return ("--oauth", "basic", "--cert", str(certificate), "--key", str(key))
