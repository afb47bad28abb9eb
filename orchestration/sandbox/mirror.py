"""A provider mirror on disk, and the CLI configuration that makes Terraform use it."""

import os
import platform
import shlex
import sys
from pathlib import Path

from orchestration.sandbox.schema import SOURCES, Schema

_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "windows"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_REGISTRIES = ("registry.terraform.io", "registry.opentofu.org")
_CONFIGURATION = """disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["registry.terraform.io/*/*", "registry.opentofu.org/*/*"]
  }}
}}
"""


def build(root: Path) -> Path:
    """Write mirror and CLI configuration into `root`; the configuration's path.

    Doing it again changes nothing. The providers keep their cloud in the same folder. What lies in
    the mirror is the same on every machine, so that lock files stay valid when things are moved.
    """
    root = root.resolve()
    (root / "cloud" / "objects").mkdir(parents=True, exist_ok=True)
    _write(root / "provider", _starter(root))
    for provider, source in SOURCES.items():
        version = Schema(provider).version
        for registry in _REGISTRIES:
            folder = root / "mirror" / registry / source / version / _platform()
            _write(folder / f"terraform-provider-{provider}_v{version}", _script(provider))
    configuration = root / "terraform.tfrc"
    _write(configuration, _CONFIGURATION.format(mirror=(root / "mirror").as_posix()))
    return configuration


def _script(provider: str) -> str:
    """Terraform starts it by way of a symbolic link; `cd -P` finds the root behind it."""
    return f'#!/bin/sh\ncd -P "${{0%/*}}/../../../../../.." && exec ./provider {provider}\n'


def _starter(root: Path) -> str:
    code = Path(__file__).resolve().parents[2]
    return (
        "#!/bin/sh\n"
        f"export PYTHONPATH={shlex.quote(str(code))}\n"
        f"export SIGNOFF_SANDBOX_ROOT={shlex.quote(str(root))}\n"
        f'exec {shlex.quote(sys.executable)} -P -m orchestration.sandbox.provider "$@"\n'
    )


def _write(path: Path, content: str) -> None:
    """Executable, and only if it differs: a running provider's file is not touched."""
    if path.exists() and path.read_text() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(content)
    draft.chmod(0o755)
    draft.replace(path)


def _platform() -> str:
    return f"{_SYSTEMS[sys.platform]}_{_MACHINES[platform.machine().lower()]}"


def environment(*, speed: float = 1.0) -> dict[str, str]:
    """What a Terraform that uses the mirror should have in its environment.

    Terraform and its providers talk over a Unix socket of their own; without TLS on it, each
    provider process starts about 0.1 s sooner.
    """
    return {"SIGNOFF_SANDBOX_SPEED": f"{speed:g}", "TF_DISABLE_PLUGIN_TLS": "1"}
