"""Each check of `make audit` that needs no network can fail."""

import json
import secrets as chance
import string
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.audit import secrets
from scripts.audit.__main__ import write
from scripts.audit.licences import Rules, is_allowed, licences
from scripts.audit.outcome import Outcome
from scripts.audit.sbom import bill, sbom

ROOT = Path(__file__).parents[2]
RULES = Rules(
    allowed=frozenset({"MIT", "Apache-2.0", "License :: OSI Approved :: BSD License"}),
    reviewed={},
    elsewhere={},
    carried={},
)


def component(name: str, *said: str, version: str = "1.0") -> dict[str, Any]:
    told = [{"expression": one} if " " in one else {"license": {"id": one}} for one in said]
    return {
        "type": "library",
        "bom-ref": f"{name}=={version}",
        "name": name,
        "version": version,
        "licenses": told,
    }


def judged(*components: Mapping[str, Any], rules: Rules = RULES) -> tuple[str, ...]:
    present = {one["name"]: one for one in components}
    return licences([*present], present, rules).problems


def test_a_licence_that_is_not_listed_is_named() -> None:
    found = judged(component("good", "MIT"), component("bad", "AGPL-3.0-only"))
    assert found == ("bad is under 'AGPL-3.0-only', which is not allowed",)


def test_silence_is_no_licence() -> None:
    assert judged(component("silent")) == ("silent says nothing of its licence",)


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("MIT AND Apache-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("(MIT OR GPL-3.0-only) AND BUSL-1.1", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("License :: OSI Approved :: BSD License", True),
        ("License :: Other/Proprietary License", False),
        ("as I like", False),
    ],
)
def test_and_needs_both_and_or_one(said: str, allowed: bool) -> None:
    assert is_allowed(said, RULES.allowed) is allowed


def test_what_a_person_has_read_is_read_again_when_it_changes() -> None:
    rules = replace(RULES, reviewed={"lib": {"says": "LGPL-3.0-only", "is": "LGPL-3.0-only"}})
    assert judged(component("lib", "LGPL-3.0-only"), rules=rules) == ()
    (found,) = judged(component("lib", "GPL-3.0-only"), rules=rules)
    assert found == "lib was 'LGPL-3.0-only' when it was read, and is 'GPL-3.0-only' now"


def test_what_is_not_here_has_to_have_been_read() -> None:
    (found,) = licences(["ghost"], {}, RULES).problems
    assert found == "ghost is locked and not installed, so nobody can read its licence"
    assert licences(["ghost"], {}, replace(RULES, elsewhere={"ghost": "MIT"})).problems == ()


def bills(*, installed: str) -> tuple[dict[str, Any], dict[str, Any]]:
    root = {"type": "application", "bom-ref": "root", "name": "signoff", "version": "1"}
    base = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": root}}
    url = {"type": "distribution", "url": "https://example.com/lib"}
    hashed = {**url, "hashes": [{"alg": "SHA-256", "content": "a" * 64}]}
    lock = component("lib") | {"bom-ref": "requirements-L1", "externalReferences": [hashed]}
    here = [component("lib", "MIT", version=installed), component("pytest", "MIT")]
    graph = [{"ref": "root", "dependsOn": [f"lib=={installed}", "pytest==1.0"]}]
    return base | {"components": [lock]}, base | {"components": here, "dependencies": graph}


def test_the_bill_has_what_is_shipped_with_its_hash_and_licence(tmp_path: Path) -> None:
    rules = replace(
        RULES, carried={"lib": {"name": "engine", "version": "2", "licence": "BUSL-1.1"}}
    )
    made, problems = bill(*bills(installed="1.0"), rules)
    path = tmp_path / "made" / "sbom.json"
    assert sbom(made, problems, path).problems == ()
    (lib,) = json.loads(path.read_text("utf-8"))["components"]
    assert lib["licenses"] == [{"license": {"id": "MIT"}}]
    assert lib["externalReferences"][0]["hashes"][0]["content"] == "a" * 64
    assert lib["components"][0]["licenses"] == [{"license": {"id": "BUSL-1.1"}}]
    assert made["dependencies"] == [{"ref": "root", "dependsOn": ["lib==1.0"]}]


def test_another_version_than_the_locked_one_is_named(tmp_path: Path) -> None:
    made, problems = bill(*bills(installed="0.9"), RULES)
    (found,) = sbom(made, problems, tmp_path / "sbom.json").problems
    assert found == "lib is 1.0 in the lock and 0.9 installed: make install-dev"


def test_a_bill_that_is_no_cyclonedx_is_refused(tmp_path: Path) -> None:
    made, problems = bill(*bills(installed="1.0"), RULES)
    made["components"][0]["type"] = "novelty"
    (found,) = sbom(made, problems, tmp_path / "sbom.json").problems
    assert "no valid CycloneDX" in found


_LETTERS = string.ascii_letters + string.digits


def random(length: int, alphabet: str = _LETTERS) -> str:
    return "".join(chance.choice(alphabet) for _ in range(length))


def planted() -> dict[str, str]:
    """Made anew each time: none of them is ever in a file."""
    digits = string.digits
    return {
        "aws": f"key = '{'AKIA'}{random(16, string.ascii_uppercase)}'",
        "private key": f"-----BEGIN {'RSA PRIVATE'} KEY-----\n{random(64)}",
        "slack bot": f"token: {'xoxb'}-{random(12, digits)}-{random(12, digits)}-{random(24)}",
        "slack app": f"token: {'xapp'}-1-{random(11, 'A1B2C3')}-{random(13, digits)}-{'0a' * 32}",
        "entra": f"SIGNOFF_TEAMS_APP_PASSWORD={random(3)}8Q~{random(34)}",
        "cosmos": f"AccountEndpoint=https://x/;AccountKey={random(86)}==;",
        "cosmos key alone": f"COSMOS={random(86)}==",
        "github": f"{'ghp'}_{random(36)}",
        "password": f"admin_password = '{random(20)}'",
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with the baseline of this one."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".secrets.baseline").write_bytes((ROOT / ".secrets.baseline").read_bytes())
    (tmp_path / "readme.md").write_text("Nothing here.\n", "utf-8")
    commit(tmp_path, "first")
    return tmp_path


def git(folder: Path, *command: str) -> None:
    subprocess.run(("git", *command), cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false")
    git(folder, *who, "commit", "--quiet", "--message", message)


@pytest.mark.parametrize("kind", planted())
def test_a_planted_secret_is_found_and_not_shown(copy: Path, kind: str) -> None:
    assert secrets.in_files(copy).problems == ()
    (copy / "config.py").write_text(planted_text := planted()[kind] + "\n", "utf-8")
    found = secrets.in_files(copy).problems
    assert found
    assert all(line.startswith("config.py:") for line in found)
    assert not any(planted_text.strip()[-10:] in line for line in found)


def test_a_secret_that_was_deleted_is_still_in_the_history(copy: Path) -> None:
    (copy / "config.py").write_text(planted()["slack bot"] + "\n", "utf-8")
    commit(copy, "planted")
    (copy / "config.py").unlink()
    commit(copy, "gone")
    assert secrets.in_files(copy).problems == ()
    assert secrets.in_history(copy).problems == ("config.py:1 looks like a secret (Slack Token)",)


def test_what_was_looked_at_is_none_in_its_own_file(copy: Path) -> None:
    names = ("tests/unit/test_failures.py", "tests/unit/elsewhere.py")
    looked_at, elsewhere = (copy / name for name in names)
    looked_at.parent.mkdir(parents=True)
    text = (ROOT / names[0]).read_text("utf-8")
    looked_at.write_text(text, "utf-8")
    assert secrets.in_files(copy).problems == ()
    elsewhere.write_text(text, "utf-8")
    assert len(secrets.in_files(copy).problems) == 1


def test_what_is_wrong_and_what_nobody_knows_are_two_things(
    capsys: pytest.CaptureFixture[str],
) -> None:
    well, wrong = Outcome("sbom", "3"), Outcome("licences", "3", ("bad is bad",))
    unknown = Outcome("advisories", "3", unknown="OSV: no answer")
    assert write([well]) == 0
    assert write([well, unknown]) == 2
    assert "not reachable, so nobody can tell from here: OSV: no answer" in capsys.readouterr().out
    assert write([well, wrong, unknown]) == 1
