"""`deploy/azure` on real Terraform, in a simulated Azure of its own."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.sandbox import mirror, view
from tests.architecture.repository import ROOT
from tests.sandbox import terraform

SOURCE = ROOT / "deploy" / "azure"
PROTECTED = (
    "azurerm_cosmosdb_account.this",
    "azurerm_key_vault.this",
    "azurerm_storage_account.state",
)
"""What Terraform refuses to destroy, as it should; here it is destroyed all the same."""

TWO_REGIONS: dict[str, object] = {
    "second_location": "northeurope",
    "network": {
        "address_space": "10.60.0.0/22",
        "second_address_space": "10.61.0.0/22",
        "allowed_ips": ["203.0.113.7"],
    },
    "cosmos": {"autoscale_max_ru": 4000, "consistency": "BoundedStaleness"},
    "secrets": {
        "link_key": {"name": "link-key", "to": ["serve"]},
        "engine_api_key": {"name": "engine-api-key"},
        "directory_file": {"name": "directory", "file": True},
    },
    "work": {
        "busy": {
            "replicas": 27,
            "start": "0 7 * * 1-5",
            "end": "0 19 * * 1-5",
            "timezone": "Europe/Berlin",
        }
    },
    "alert_emails": ["oncall@contoso.com"],
}
Made = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Azure:
    folder: Path
    root: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TF_CLI_ARGS": "-no-color",
            "TF_CLI_CONFIG_FILE": str(mirror.build(self.root)),
            **mirror.environment(speed=0),
        }
        return subprocess.run(
            [*terraform().argv, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def does(self, *arguments: str) -> str:
        """Run what has to succeed; what it says."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    def planned(self, variables: Mapping[str, object]) -> dict[str, list[dict[str, Any]]]:
        """The resources that would be made, by type; the saved plan is `saved`."""
        self.does("plan", "-input=false", "-out=saved", *self.given(variables))
        plan = json.loads(self.does("show", "-json", "saved"))
        found: dict[str, list[dict[str, Any]]] = {}
        for each in _resources(plan["planned_values"]["root_module"]):
            found.setdefault(each["type"], []).append({"key": each.get("index"), **each["values"]})
        return found

    def given(self, variables: Mapping[str, object]) -> tuple[str, ...]:
        """The example with these variables instead of its own."""
        path = self.folder / "given.tfvars.json"
        path.write_text(json.dumps(variables))
        return ("-var-file=example.tfvars", f"-var-file={path}")

    def exists(self) -> list[str]:
        return [each.id for each in view.look(self.root)]


def made(folder: Path) -> Azure:
    """A copy of deploy/azure, ready for plans; state in a file, nothing protected."""
    copied = folder / "azure"
    shutil.copytree(SOURCE, copied, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    override = 'terraform {\n  backend "local" {}\n}\n' + "".join(map(_unprotected, PROTECTED))
    (copied / "sandbox_override.tf").write_text(override)
    azure = Azure(copied, folder / "sandbox")
    azure.does("init", "-input=false")
    return azure


def _unprotected(address: str) -> str:
    kind, name = address.split(".")
    return f'resource "{kind}" "{name}" {{\n  lifecycle {{\n    prevent_destroy = false\n  }}\n}}\n'


def _resources(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)
