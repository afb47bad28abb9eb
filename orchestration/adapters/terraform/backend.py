"""Where the state of a workspace is kept, and what of it can be done without Terraform."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.adapters.terraform import state, workdir
from orchestration.ports import WorkspaceId

_STATE = "terraform.tfstate"


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """A file per workspace under `folder`, whatever backend the templates name."""

    folder: Path

    def write(self, folder: Path, workspace: WorkspaceId) -> None:
        workdir.write_local_backend(folder, self._path(workspace).resolve())

    def init_arguments(self, _workspace: WorkspaceId) -> tuple[str, ...]:
        return ()

    def read(self, workspace: WorkspaceId) -> state.State:
        path = self._path(workspace)
        return state.parse(path.read_text() if path.exists() else "")

    def unlock(self, workspace: WorkspaceId) -> None:
        """The lock itself has gone with the process that held it; what is left is who it was."""
        path = self._path(workspace)
        path.with_name(f".{path.name}.lock.info").unlink(missing_ok=True)

    def _path(self, workspace: WorkspaceId) -> Path:
        return workdir.folder_of(self.folder, workspace) / _STATE


@dataclass(frozen=True, slots=True)
class RemoteBackend:
    """The backend that the templates name, configured per workspace on the command line."""

    kind: str
    """`azurerm`"""
    settings: Mapping[str, str]

    def write(self, _folder: Path, _workspace: WorkspaceId) -> None:
        """The templates say it all."""

    def init_arguments(self, workspace: WorkspaceId) -> tuple[str, ...]:
        settings = {**self.settings, "key": f"{workspace}.tfstate"}
        return tuple(f"-backend-config={name}={value}" for name, value in settings.items())

    @property
    def files(self) -> dict[str, str]:
        """A configuration that is nothing but the backend, to read or unlock a state."""
        return {"backend.tf": f'terraform {{\n  backend "{self.kind}" {{}}\n}}\n'}


Backend = LocalBackend | RemoteBackend
