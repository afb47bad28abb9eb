import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main

ROOT = Path(__file__).parents[2]
HEAVY = {"semantic_kernel", "temporalio", "grpc", "numpy", "openai"}
PROBE = """
import sys
from bot.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as ended:
    code = ended.code
print("CODE", code)
print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def ran(*arguments: str, folder: Path) -> tuple[str, set[str]]:
    """What a command prints, and the packages it has loaded, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    out, _, loaded = done.stdout.partition("LOADED ")
    return out + done.stderr, set(loaded.split())


@pytest.mark.parametrize("arguments", [("--help",), ("chat", "--help"), ("version",), ("doctor",)])
def test_nothing_heavy_is_on_the_way_to(arguments: tuple[str, ...], tmp_path: Path) -> None:
    out, loaded = ran(*arguments, folder=tmp_path)
    assert "CODE" in out
    assert "bot" in loaded
    assert loaded & HEAVY == set()


def test_help_names_the_commands(tmp_path: Path) -> None:
    out, _ = ran("--help", folder=tmp_path)
    for command in ("chat", "work", "doctor", "audit", "sandbox", "version"):
        assert f"    {command} " in out


def test_doctor_says_what_to_do_about_each_failure(tmp_path: Path) -> None:
    (tmp_path / "signoff.toml").write_text(
        'engine = "address"\nengine_address = "127.0.0.1:1"\npolicy_file = "gone.toml"\n'
        'terraform_binary = "/nowhere/terraform"\n'
    )
    out, _ = ran("doctor", "--json", folder=tmp_path)
    checks = {c["name"]: c for c in json.loads(out.splitlines()[0])["checks"]}
    assert "CODE 1" in out
    assert checks["python"]["ok"]
    assert checks["store"]["ok"]
    assert checks["planner"]["ok"]
    assert "SIGNOFF_ENGINE_ADDRESS" in checks["engine"]["to_do"]
    assert checks["policy"]["found"] == "reading policy gone.toml: No such file or directory"
    assert "SIGNOFF_POLICY_FILE" in checks["policy"]["to_do"]
    assert "SIGNOFF_TERRAFORM_BINARY" in checks["terraform"]["to_do"]


def test_a_bad_setting_is_one_sentence_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGNOFF_STOR", "x")
    assert main(["doctor"]) == 2
    err = capsys.readouterr().err
    assert err == "signoff: There is no setting 'stor'. The nearest is 'store'.\n"


def test_what_an_operator_can_put_right_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGNOFF_STORE", str(tmp_path))
    monkeypatch.setenv("SIGNOFF_TEAMS_LOCAL", "true")
    monkeypatch.setenv("SIGNOFF_COSMOS_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SIGNOFF_COSMOS_KEY", "not a key!")
    assert main(["serve"]) == 1
    told = capsys.readouterr().err
    assert "SIGNOFF_COSMOS_KEY is no account's key, which is base64." in told
    assert "incident" not in told and "not a key" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        "--root {} fault list",
        "fault --root {} list",
        "fault list --root {}",
        "fault list --root={}",
    ],
)
def test_another_sandbox_can_be_named_anywhere(
    arguments: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = ["--root", str(tmp_path)]
    assert main(["sandbox", "fault", "add", "--kind", "quota", "--message", "not now", *root]) == 0
    assert main(["sandbox", *arguments.format(tmp_path).split()]) == 0
    added, listed = capsys.readouterr().out.splitlines()
    assert listed == added == "quota on create of * named *, 1x"


def test_what_the_sandbox_does_not_understand_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "--root", str(tmp_path), "nope"]) == 2
    assert "What is accepted: signoff sandbox [-h] {list," in capsys.readouterr().err
    monkeypatch.setenv("SIGNOFF_STOR", "x")
    assert main(["sandbox", "list"]) == 2
    assert "There is no setting 'stor'" in capsys.readouterr().err


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "command", ["chat", "serve", "work", "audit", "index", "backup to", "unlock a/dev/storage/b"]
)
def test_a_store_folder_that_cannot_be_used_is_a_sentence(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    store = tmp_path / "file" / "store"
    name, *more = command.split()
    assert main([name, "--store", str(store), *more]) == 2
    told = capsys.readouterr().err
    assert told == (
        f"signoff: The store folder {store} cannot be used: Not a directory. "
        "Choose another with --store DIR.\n"
    )


@pytest.mark.parametrize(
    "command", ["audit", "audit --verify", "index", "backup to", "unlock a/dev/storage/b"]
)
def test_what_works_on_a_store_makes_none(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "mistyped"
    name, *more = command.split()
    assert main([name, "--store", str(store), *more]) == 2
    told = capsys.readouterr().err
    assert (
        told == f"signoff: there is no store in {str(store)!r}; name its folder with --store DIR\n"
    )
    assert not store.exists()


@pytest.mark.parametrize("command", ["chat", "serve", "work"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"rule = [", "Invalid value (at end of document)"),
        (b"rule = '\xff'", "it is not UTF-8"),
    ],
)
def test_a_policy_that_cannot_be_used_stops_the_start(
    command: str,
    content: bytes | None,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "policy.toml"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("SIGNOFF_POLICY_FILE", str(file))
    monkeypatch.setenv("SIGNOFF_TEAMS_LOCAL", "true")
    if command == "work":
        monkeypatch.setenv("SIGNOFF_ENGINE", "address")
        monkeypatch.setenv("SIGNOFF_ENGINE_ADDRESS", "127.0.0.1:1")
    assert main([command, "--store", str(tmp_path / "store")]) == 2
    to_do = "Correct the file, or SIGNOFF_POLICY_FILE."
    assert capsys.readouterr().err == f"signoff: Reading policy {file}: {why}. {to_do}\n"
