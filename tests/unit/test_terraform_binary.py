from pathlib import Path

import pytest

from orchestration.adapters.terraform import binary
from orchestration.errors import PermanentError


def test_without_any_binary_one_sentence_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.31"))
    with pytest.raises(PermanentError, match=r"needs glibc 2\.35 and this machine has 2\.31"):
        binary.find()


def test_old_glibc_takes_what_is_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tofu = tmp_path / "tofu"
    tofu.write_text("#!/bin/sh\necho OpenTofu v1.9.0\n")
    tofu.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.31"))
    found = binary.find()
    assert found.name == str(tofu)
    assert binary.version(found) == "OpenTofu 1.9.0"
