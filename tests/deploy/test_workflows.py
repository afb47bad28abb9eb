"""The workflows hold to GitHub's schema, and to what a workflow can be attacked by."""

import hashlib
import os
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from tests.architecture.repository import ROOT
from tests.tools import tool

FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))


def steps(path: Path) -> list[dict[str, Any]]:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", WORKFLOWS), ("dependabot", [FOLDER / "dependabot.yml"])],
    ids=["workflows", "dependabot"],
)
def test_each_holds_to_its_schema(schema: str, files: list[Path]) -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_none_of_them_can_be_turned_against_us() -> None:
    command = [tool("zizmor"), "--offline", "--persona=pedantic", "--no-progress", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_auditor_would_say_something(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(
        "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - run: echo ${{ github.event.pull_request.title }}\n"
    )
    done = subprocess.run(
        [tool("zizmor"), "--offline", "--no-progress", str(bad)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "template-injection" in done.stdout
    assert done.returncode != 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_of_others_are_named_by_commit(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_they_run_is_a_script(path: Path) -> None:
    for step in steps(path):
        if "run" in step:
            check = subprocess.run(
                ["bash", "-n"], input=step["run"], capture_output=True, text=True, check=False
            )
            assert (check.returncode, check.stderr) == (0, ""), step


def test_ci_runs_what_ci_runs_here() -> None:
    ran = [step.get("run") for step in steps(FOLDER / "workflows" / "ci.yml")]
    assert "bash .ci/run" in ran


def test_a_release_is_applied_after_an_approval_and_only_what_was_planned() -> None:
    workflow = yaml.safe_load((FOLDER / "workflows" / "release.yml").read_text("utf-8"))
    jobs = workflow["jobs"]
    assert (jobs["plan"]["needs"], jobs["apply"]["needs"]) == ("image", "plan")
    assert len({job["environment"] for job in jobs.values()}) == 3
    applied = [step["run"] for step in jobs["apply"]["steps"] if "terraform apply" in str(step)]
    assert applied == ["terraform apply -input=false -no-color saved.tfplan"]
    assert "secrets." not in (FOLDER / "workflows" / "release.yml").read_text("utf-8")


def test_what_is_applied_is_byte_for_byte_what_was_approved() -> None:
    jobs = yaml.safe_load((FOLDER / "workflows" / "release.yml").read_text("utf-8"))["jobs"]
    (fetched,) = [step for step in jobs["apply"]["steps"] if "blob download" in str(step)]
    assert fetched["env"]["SHA256"] == "${{ needs.plan.outputs.sha256 }}"
    check = fetched["run"].splitlines()[-1]
    names = [step["env"]["NAME"] for job in ("plan", "apply") for step in jobs[job]["steps"]
             if "az storage blob" in str(step)]  # fmt: skip
    assert names == ["${{ steps.plan.outputs.name }}", "${{ needs.plan.outputs.name }}"]
    (planned,) = [step["run"] for step in jobs["plan"]["steps"] if step.get("id") == "plan"]
    assert "GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT" in planned, "a second run does not meet the first"
    assert "-lock=false" in planned, "who plans may not write to the state"
    assert _passes(check, b"the plan", b"the plan") and not _passes(check, b"the plan", b"another")


def _passes(check: str, planned: bytes, fetched: bytes) -> bool:
    """What the line of the workflow says, of a plan and of what came back for it."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "saved.tfplan").write_bytes(fetched)
        told = {"SHA256": hashlib.sha256(planned).hexdigest(), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["bash", "-ec", check], cwd=folder, env=told, capture_output=True, check=False
        )
    return done.returncode == 0


def test_what_is_locked_is_watched() -> None:
    workflow = yaml.safe_load((FOLDER / "workflows" / "audit.yml").read_text("utf-8"))
    assert workflow[True]["schedule"], "`on`, which is a boolean in YAML"
    (checkout, audit) = workflow["jobs"]["audit"]["steps"]
    assert (checkout["with"]["fetch-depth"], audit["run"]) == (0, "make audit")
    watched = yaml.safe_load((FOLDER / "dependabot.yml").read_text("utf-8"))["updates"]
    for each in watched:
        assert (ROOT / each["directory"].lstrip("/")).is_dir()
    assert {"pip", "npm", "docker", "terraform", "github-actions"} == {
        each["package-ecosystem"] for each in watched
    }
