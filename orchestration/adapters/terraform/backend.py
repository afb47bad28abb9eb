"""Where the state of a workspace is kept, and what of it can be done without Terraform."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestration.adapters.terraform import state, workdir
from orchestration.errors import PermanentError
from orchestration.ports import WorkspaceId

ANY_OTHER = "*"
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

    def _path(self, workspace: WorkspaceId) -> Path:
        return workdir.folder_of(self.folder, workspace) / _STATE


@dataclass(frozen=True, slots=True)
class AzureBackend:
    """The `azurerm` backend that the templates name: a blob per workspace, in the storage account
    of its environment. What proves who we are is in Terraform's environment and never here: what
    is given here is kept in saved plans.
    """

    accounts: Mapping[str, str]
    """Storage account by environment; `*` is for every other one."""
    container: str

    def write(self, _folder: Path, _workspace: WorkspaceId) -> None:
        """The templates say it all."""

    def init_arguments(self, workspace: WorkspaceId) -> tuple[str, ...]:
        """Raises: PermanentError - its environment has no account."""
        settings = {
            "storage_account_name": self._account(workspace),
            "container_name": self.container,
            "key": f"{workspace}.tfstate",
            "use_azuread_auth": "true",
        }
        return tuple(f"-backend-config={name}={value}" for name, value in settings.items())

    def _account(self, workspace: WorkspaceId) -> str:
        environment = workspace.split("/")[1]
        account = self.accounts.get(environment) or self.accounts.get(ANY_OTHER)
        if not account:
            raise PermanentError(f"no storage account keeps the state of {environment!r}")
        return account

    @property
    def files(self) -> dict[str, str]:
        """A configuration that is nothing but the backend, to read or unlock a state."""
        return {"backend.tf": 'terraform {\n  backend "azurerm" {}\n}\n'}


Backend = LocalBackend | AzureBackend
