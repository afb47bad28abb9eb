"""What is inside a Databricks workspace, by its own REST API, as the identity of the process.

Databricks makes a second thing of the same name rather than refuse it: what a run that was cut off
has left has to be found, or it would be there twice.

Source: Databricks REST API: clusters 2.1, instance pools 2.0, cluster policies 2.0; Azure
Databricks, "Authenticate with Microsoft Entra service principals" (the headers).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yarl import URL

from orchestration.adapters.azure.arm import Answers
from orchestration.errors import PermanentError

_AUDIENCE = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
_MANAGEMENT = "https://management.core.windows.net/"
_HOSTS = (".azuredatabricks.net", ".databricks.azure.us", ".databricks.azure.cn")
_MOST_PAGES = 100


@dataclass(frozen=True, slots=True)
class _Kind:
    path: str
    rows: str
    name: str
    """The field of a row, and in Terraform the attribute `attribute`."""
    id: str
    attribute: str
    tagged: bool = True


DATABRICKS = {
    "databricks_cluster": _Kind(
        "/api/2.1/clusters/list", "clusters", "cluster_name", "cluster_id", "cluster_name"
    ),
    "databricks_instance_pool": _Kind(
        "/api/2.0/instance-pools/list",
        "instance_pools",
        "instance_pool_name",
        "instance_pool_id",
        "instance_pool_name",
    ),
    "databricks_cluster_policy": _Kind(
        "/api/2.0/policies/clusters/list", "policies", "name", "policy_id", "name", tagged=False
    ),
}


@dataclass(frozen=True, slots=True)
class Databricks:
    answers: Answers

    async def find(
        self,
        type: str,
        known: Mapping[str, Any],
        tag: str,
        value: str,
        workspace_id: str,
        host: str,
    ) -> str | None:
        """Its id, in the workspace at `host`. Of several of one name, the first by id, which begins
        with the date it was made on.

        Raises: TemporaryError, PermanentError - it does not say.
        """
        kind = DATABRICKS[type]
        name = known.get(kind.attribute)
        if not name or not host:
            return None
        rows = await self._rows(kind, workspace_id, host)
        named = (row for row in rows if row.get(kind.name) == name)
        ours = (row for row in named if not kind.tagged or _tags(row).get(tag) == value)
        return min((str(row[kind.id]) for row in ours), default=None)

    async def _rows(self, kind: _Kind, workspace_id: str, host: str) -> list[Mapping[str, Any]]:
        if not host.endswith(_HOSTS):
            raise PermanentError(f"asking Databricks: {host!r} is none of its hosts")
        url, query = URL.build(scheme="https", host=host, path=kind.path), dict[str, str]()
        rows: list[Mapping[str, Any]] = []
        for _ in range(_MOST_PAGES):
            page = await self.answers.get(url % query, await self._headers(workspace_id)) or {}
            rows += page.get(kind.rows) or []
            query = {"page_token": str(page.get("next_page_token") or "")}
            if not query["page_token"]:
                return rows
        raise PermanentError(f"asking {host}: more than {_MOST_PAGES} pages of {kind.path}")

    async def _headers(self, workspace_id: str) -> dict[str, str]:
        """With the last two, who may manage the workspace in Azure need not be known inside it."""
        return {
            "Authorization": f"Bearer {await self.answers.token(_AUDIENCE)}",
            "X-Databricks-Azure-SP-Management-Token": await self.answers.token(_MANAGEMENT),
            "X-Databricks-Azure-Workspace-Resource-Id": workspace_id,
        }


def _tags(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return row.get("custom_tags") or {}
