"""The vendors' own schemas, where the npm packages of the tests are installed."""

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.packaging.template import MANIFESTS, Manifest, written
from orchestration.errors import UserError

_SCRIPT = MANIFESTS / "validate.mjs"
_PACKAGES = MANIFESTS.parent / "tests" / "node" / "node_modules" / ".installed"
_WITHIN_S = 120.0


def available() -> bool:
    return shutil.which("node") is not None and _PACKAGES.exists()


def violations(manifests: dict[str, Manifest]) -> list[str]:
    """What the schemas say against manifests called "teams" or "slack", or "slack.oauth" and so on.

    Raises: UserError - Node.js could not run it.
    """
    with TemporaryDirectory() as folder:
        paths = [_kept(Path(folder) / f"{name}.json", each) for name, each in manifests.items()]
        try:
            done = subprocess.run(
                ["node", str(_SCRIPT), *paths],
                capture_output=True,
                text=True,
                timeout=_WITHIN_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", "") or error).strip()
            raise UserError(f"Checking against the vendors' schemas: {said}") from error
    return [str(each) for each in json.loads(done.stdout)]


def _kept(path: Path, manifest: Manifest) -> str:
    path.write_bytes(written(manifest))
    return str(path)
