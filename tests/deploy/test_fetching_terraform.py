"""Only what its publisher has signed gets into the image. The publisher is a key of our own."""

import hashlib
import io
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.image import fetch_terraform
from deploy.image.fetch_terraform import NotTrusted, Publisher, fetched

ARCHIVE = "terraform_1.0.0_linux_amd64.zip"
SUMS = "terraform_1.0.0_SHA256SUMS"
PROGRAM = b"#!/bin/sh\necho Terraform v1.0.0\n"


class Release:
    """What a publisher has put on its server: a folder, read with file:// addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = _zipped(PROGRAM)
        self.sums = f"{hashlib.sha256(self.archive).hexdigest()}  {ARCHIVE}\n"

    def published(self, signed_by: str) -> None:
        (self.folder / ARCHIVE).write_bytes(self.archive)
        (self.folder / SUMS).write_text(self.sums)
        (self.folder / f"{SUMS}.sig").unlink(missing_ok=True)
        self.gpg("--local-user", signed_by, "--output", f"{SUMS}.sig", "--detach-sign", SUMS)

    def key_of(self, name: str) -> str:
        """Make a key and publish it; its fingerprint."""
        self.gpg("--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", "never")
        (self.folder / f"{name}.asc").write_text(self.gpg("--armor", "--export", name))
        listed = self.gpg("--with-colons", "--list-keys", name).splitlines()
        return next(line.split(":")[9] for line in listed if line.startswith("fpr"))

    def gpg(self, *arguments: str) -> str:
        home = self.folder / "gpg"
        home.mkdir(mode=0o700, exist_ok=True)
        command = ["gpg", "--homedir", str(home), "--batch", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Release, str, str]]:
    release = Release(tmp_path_factory.mktemp("r"))  # short: gpg's agent has a socket in there
    yield release, release.key_of("publisher"), release.key_of("stranger")
    subprocess.run(["gpgconf", "--homedir", release.folder / "gpg", "--kill", "all"], check=True)


@pytest.fixture
def release(keys: tuple[Release, str, str]) -> Release:
    return Release(keys[0].folder)


@pytest.fixture
def publisher(keys: tuple[Release, str, str]) -> Publisher:
    place = keys[0].folder.as_uri()
    return Publisher(f"{place}/", f"{SUMS}.sig", f"{place}/publisher.asc", keys[1])


def fetch(publisher: Publisher, into: Path) -> Path:
    return fetched(publisher, "terraform", "1.0.0", "amd64", into)


def test_what_is_signed_is_installed(
    release: Release, publisher: Publisher, tmp_path: Path
) -> None:
    release.published("publisher")
    program = fetch(publisher, tmp_path)
    assert subprocess.check_output([program]) == b"Terraform v1.0.0\n"
    assert (tmp_path / "terraform.licence").read_text() == "Business Source License"


def test_another_archive_is_refused(release: Release, publisher: Publisher, tmp_path: Path) -> None:
    release.archive = _zipped(b"something else")
    release.published("publisher")
    with pytest.raises(NotTrusted, match="another checksum than the one that was signed"):
        fetch(publisher, tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_list_that_was_changed_after_it_was_signed_is_refused(
    release: Release, publisher: Publisher, tmp_path: Path
) -> None:
    release.published("publisher")
    (release.folder / SUMS).write_text(release.sums + "\n")
    with pytest.raises(NotTrusted, match="BAD signature"):
        fetch(publisher, tmp_path)


def test_somebody_elses_signature_is_refused(
    release: Release, publisher: Publisher, tmp_path: Path
) -> None:
    release.published("stranger")
    with pytest.raises(NotTrusted, match="No public key"):
        fetch(publisher, tmp_path)


def test_a_key_that_is_not_the_publishers_is_refused_though_it_signed(
    release: Release, publisher: Publisher, tmp_path: Path
) -> None:
    release.published("stranger")
    elsewhere = replace(publisher, key=publisher.key.replace("publisher", "stranger"))
    with pytest.raises(NotTrusted, match=f"not signed by {publisher.fingerprint}"):
        fetch(elsewhere, tmp_path)


def test_an_archive_that_is_not_listed_is_refused(
    release: Release, publisher: Publisher, tmp_path: Path
) -> None:
    release.sums = release.sums.replace("amd64", "arm64")
    release.published("publisher")
    with pytest.raises(NotTrusted, match="not among its checksums"):
        fetch(publisher, tmp_path)


def test_a_page_in_place_of_the_key_is_refused(
    release: Release, publisher: Publisher, tmp_path: Path
) -> None:
    release.published("publisher")
    (release.folder / "page").write_text("<html>moved</html>")
    with pytest.raises(NotTrusted, match="key is none"):
        fetch(replace(publisher, key=f"{release.folder.as_uri()}/page"), tmp_path)


def test_what_is_not_there_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Publisher("file:///nowhere/", "s", "file:///nowhere/k", "F" * 40)
    monkeypatch.setitem(fetch_terraform.PUBLISHERS, "terraform", nowhere)
    with pytest.raises(SystemExit, match=r"^terraform 9\.9\.9 for amd64 was not installed: "):
        fetch_terraform.main(["terraform", "9.9.9", "amd64", "."])
    with pytest.raises(SystemExit, match="usage"):
        fetch_terraform.main(["pulumi", "1", "amd64", "."])


def _zipped(program: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("terraform", program)
        archive.writestr("LICENSE.txt", "Business Source License")
    return out.getvalue()
