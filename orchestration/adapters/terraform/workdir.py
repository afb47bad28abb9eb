"""The folders that Terraform runs in.

ROOT/WORKSPACE/data/            TF_DATA_DIR: providers and modules, kept between runs
ROOT/WORKSPACE/run-PID-XXXX/    files, plan and lock of one run, removed after it
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from orchestration.errors import PermanentError
from orchestration.ports import Import, WorkspaceId

LOCK = ".terraform.lock.hcl"
PLAN = "saved.tfplan"
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_RUN = re.compile(r"run-(\d+)-")


def folder_of(root: Path, workspace: WorkspaceId) -> Path:
    """The workspace's folder under `root`.

    Raises: PermanentError - the id could lead out of it.
    """
    segments = workspace.split("/")
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise PermanentError(f"{workspace!r} is not the id of a workspace")
    return root.joinpath(*segments)


@contextmanager
def opened(home: Path) -> Iterator[Path]:
    """A new folder for one run; what dead processes have left behind is removed first."""
    home.mkdir(parents=True, exist_ok=True)
    _sweep(home)
    folder = Path(tempfile.mkdtemp(prefix=f"run-{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Raises: PermanentError - a name leads out of the folder."""
    for name, content in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise PermanentError(f"the file {name!r} would lie outside its workspace")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def write_local_backend(folder: Path, state: Path) -> None:
    """Keep the state in a file, whatever backend the templates name."""
    state.parent.mkdir(parents=True, exist_ok=True)
    content = f'terraform {{\n  backend "local" {{\n    path = {_quoted(str(state))}\n  }}\n}}\n'
    (folder / "backend_override.tf").write_text(content)


def write_imports(folder: Path, imports: Sequence[Import]) -> None:
    if not imports:
        return
    blocks = [f"import {{\n  to = {one.address}\n  id = {_quoted(one.id)}\n}}\n" for one in imports]
    (folder / "import.tf").write_text("\n".join(blocks))


def _quoted(text: str) -> str:
    """The text as an HCL string without templates."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _sweep(home: Path) -> None:
    for folder in home.glob("run-*"):
        owner = _RUN.match(folder.name)
        if owner and not _alive(int(owner[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
