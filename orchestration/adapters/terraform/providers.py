"""Where real providers come from, and one folder that keeps them for all workspaces.

Terraform's shared folder takes one `init` at a time, so that is all it is given.

Source: Terraform CLI configuration, "Provider installation" and "Provider plugin cache".
"""

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_ALONE = ".lock"
_LOOKS_EVERY_S = 0.1
_DIRECT = "  direct {}\n"


def write_cli_config(root: Path, shared: Path, mirror: Path | None) -> Path:
    """The CLI configuration, in `root`; with `mirror`, nothing but that folder is asked."""
    root.mkdir(parents=True, exist_ok=True)
    shared.mkdir(parents=True, exist_ok=True)
    source = _DIRECT
    if mirror is not None:
        path = json.dumps(str(mirror.absolute()))
        source = f"  filesystem_mirror {{\n    path = {path}\n  }}\n"
    content = (
        "disable_checkpoint = true\n"
        f"plugin_cache_dir = {json.dumps(str(shared.absolute()))}\n"
        "plugin_cache_may_break_dependency_lock_file = true\n"
        f"provider_installation {{\n{source}}}\n"
    )
    configuration = root / "terraform.tfrc"
    if not configuration.exists() or configuration.read_text() != content:
        draft = root / f".terraform.tfrc.{os.getpid()}"
        draft.write_text(content)
        draft.replace(configuration)
    return configuration.absolute()


@asynccontextmanager
async def alone_in(folder: Path | None) -> AsyncIterator[None]:
    """Nobody else, in this process or another one, is inside for the same folder."""
    if folder is None:
        yield
        return
    file = os.open(folder / _ALONE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _held(file):  # noqa: ASYNC110 - another process lets go of it
            await asyncio.sleep(_LOOKS_EVERY_S)
        yield
    finally:
        os.close(file)


def _held(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
