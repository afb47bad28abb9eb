"""The same Terraform commands from a shell script: what Signoff is compared with."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

from orchestration.adapters.terraform.binary import find
from orchestration.adapters.terraform.environment import environment
from orchestration.adapters.terraform.workdir import write_files, write_local_backend
from orchestration.sandbox import mirror

_SCRIPT = """\
set -e
steps=""
for step in "$@"; do
  (
    cd "$step"
    exec >run.log 2>&1
    terraform init -input=false -no-color
    terraform plan -json -input=false -out=saved.tfplan
    terraform show -json saved.tfplan >plan.json
    terraform apply -json -input=false saved.tfplan
  ) &
  steps="$steps $!"
done
for step in $steps; do wait "$step"; done
"""
Steps = Mapping[str, Mapping[str, str]]
"""The rendered files of every step."""


async def run_script(root: Path, steps: Steps, *, speed: float) -> float:
    """Seconds that it takes to make these steps in a new sandbox in `root`, all at once.

    Raises: RuntimeError - Terraform failed; the log's end is in it.
    """
    folders = [root / "steps" / name for name in steps]
    for folder, files in zip(folders, steps.values(), strict=True):
        folder.mkdir(parents=True)
        write_files(folder, files)
        write_local_backend(folder, folder / "terraform.tfstate")
    variables = _variables(root, speed)
    start = perf_counter()
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", _SCRIPT, "sh", *map(str, folders)), env=variables
    )
    if await process.wait() != 0:
        logs = [(folder / "run.log").read_text()[-500:] for folder in folders]
        raise RuntimeError("\n".join(logs))
    return perf_counter() - start


def _variables(root: Path, speed: float) -> Mapping[str, str]:
    """Signoff's own environment for Terraform; `terraform` is the binary that Signoff runs."""
    configuration = mirror.build(root / "sandbox")
    given = mirror.environment(speed=speed)
    made = environment(given, home=root, data=root, cli_config=configuration)
    del made["TF_DATA_DIR"]  # each step has its own, in its folder
    programs = root / "bin"
    programs.mkdir()
    program = programs / "terraform"
    program.write_text(f'#!/bin/sh\nexec {" ".join(find().argv)} "$@"\n')
    program.chmod(0o755)
    return {**made, "PATH": f"{programs}{os.pathsep}{made['PATH']}"}
