"""Download Terraform or OpenTofu, and keep it only if its publisher signed it.

    python3 fetch_terraform.py terraform 1.15.5 amd64 /usr/local/bin

The publisher's key is downloaded and has to have the fingerprint below; the key has to have signed
the list of checksums; the archive has to be in the list. Standard library and `gpgv` only: it runs
where an image is built, and in the release workflow, before anything is installed.
"""

import base64
import hashlib
import io
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 120


@dataclass(frozen=True)
class Publisher:
    """Addresses hold {version}; the archive and the list of checksums lie in the same folder."""

    folder: str
    signature: str
    key: str
    fingerprint: str


PUBLISHERS = {
    "terraform": Publisher(
        "https://releases.hashicorp.com/terraform/{version}/",
        "terraform_{version}_SHA256SUMS.sig",
        "https://www.hashicorp.com/.well-known/pgp-key.txt",
        "C874011F0AB405110D02105534365D9472D7468F",  # pragma: allowlist secret
    ),
    "tofu": Publisher(
        "https://github.com/opentofu/opentofu/releases/download/v{version}/",
        "tofu_{version}_SHA256SUMS.gpgsig",
        "https://get.opentofu.org/opentofu.asc",
        "E3E6E43D84CB852EADB0051D0C0AF313E5FD9F80",  # pragma: allowlist secret
    ),
}
"""Source: https://www.hashicorp.com/security, https://opentofu.org/docs/intro/install/standalone"""


class NotTrusted(Exception):
    """What was downloaded is not what the publisher has signed."""


def main(arguments: list[str]) -> None:
    try:
        product, version, machine, into = arguments
        publisher = PUBLISHERS[product]
    except (ValueError, KeyError):
        sys.exit("usage: fetch_terraform.py terraform|tofu VERSION amd64|arm64 FOLDER")
    try:
        path = fetched(publisher, product, version, machine, Path(into))
    except (NotTrusted, OSError) as error:
        sys.exit(f"{product} {version} for {machine} was not installed: {error}")
    sys.stdout.write(f"{path}: {product} {version}, signed by {publisher.fingerprint}\n")


def fetched(publisher: Publisher, product: str, version: str, machine: str, into: Path) -> Path:
    """The program, in the folder, with its licence beside it.

    Raises: NotTrusted; OSError - it cannot be downloaded or written.
    """
    folder = publisher.folder.format(version=version)
    archive = f"{product}_{version}_linux_{machine}.zip"
    sums = download(f"{folder}{product}_{version}_SHA256SUMS")
    signature = download(folder + publisher.signature.format(version=version))
    check_signature(sums, signature, download(publisher.key), publisher.fingerprint)
    content = download(folder + archive)
    check_sum(sums.decode(), archive, content)
    program = into / product
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        program.write_bytes(opened.read(product))
        for name in {"LICENSE", "LICENSE.txt"} & {*opened.namelist()}:
            (into / f"{product}.licence").write_bytes(opened.read(name))
    program.chmod(0o755)
    return program


def download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310
        return bytes(answer.read())


def check_signature(signed: bytes, signature: bytes, key: bytes, fingerprint: str) -> None:
    """Raises: NotTrusted - `fingerprint`'s key, and no other, has not signed it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "key").write_bytes(binary(key))
        (folder / "signed").write_bytes(signed)
        (folder / "signature").write_bytes(signature)
        run = subprocess.run(
            [*("gpgv", "--status-fd", "1", "--keyring", str(folder / "key")),
             *(str(folder / "signature"), str(folder / "signed"))],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    valid = re.findall(r"^\[GNUPG:\] VALIDSIG .* ([0-9A-F]{40})$", run.stdout, re.M)
    if run.returncode or valid != [fingerprint]:
        told = run.stderr.strip().splitlines()
        raise NotTrusted(f"its checksums are not signed by {fingerprint}: {' '.join(told[-1:])}")


def binary(key: bytes) -> bytes:
    """A key as gpgv wants it: without the armour."""
    found = re.search(rb"-----BEGIN PGP PUBLIC KEY BLOCK-----(.*?)-----END", key, re.S)
    if not found:
        raise NotTrusted("what should be the publisher's key is none")
    lines = found[1].replace(b"\r", b"").split(b"\n\n", 1)[-1].split(b"\n")
    return base64.b64decode(b"".join(line for line in lines if not line.startswith(b"=")))


def check_sum(sums: str, archive: str, content: bytes) -> None:
    """Raises: NotTrusted - the list does not name the archive, or with another checksum."""
    listed = {
        name.lstrip("*"): digest for digest, name in re.findall(r"^(\S+)\s+(\S+)$", sums, re.M)
    }
    if archive not in listed:
        raise NotTrusted(f"{archive} is not among its checksums")
    if hashlib.sha256(content).hexdigest() != listed[archive]:
        raise NotTrusted(f"{archive} has another checksum than the one that was signed")


if __name__ == "__main__":
    main(sys.argv[1:])
