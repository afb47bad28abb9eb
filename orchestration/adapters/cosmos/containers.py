"""The containers of the database, each checked once; Terraform makes them."""

from azure.cosmos.aio import ContainerProxy, DatabaseProxy
from azure.cosmos.exceptions import CosmosResourceNotFoundError

from orchestration.errors import PermanentError

PARTITION_KEY = ["/p"]
ORDERED = ["/p", "/id"]
"""The composite index that lists a partition in order of id, however many partitions there are."""

_NO_CONTAINER = 1003


class Containers:
    def __init__(self, database: DatabaseProxy) -> None:
        self._database = database
        self._known: dict[str, ContainerProxy] = {}

    async def get(self, name: str) -> ContainerProxy:
        """Raises: PermanentError - it is not there, or not as Terraform makes it."""
        if name not in self._known:
            self._known[name] = await self._checked(name)
        return self._known[name]

    async def _checked(self, name: str) -> ContainerProxy:
        proxy = self._database.get_container_client(name)
        doing = f"opening the container {name!r} of {self._database.id!r}"
        try:
            found = await proxy.read()
        except CosmosResourceNotFoundError as error:
            raise PermanentError(
                f"{doing}: there is none; apply the Terraform in deploy/azure"
            ) from error
        indexes = found.get("indexingPolicy", {}).get("compositeIndexes", [])
        wrong = [
            said
            for said, right in (
                ("its partition key is not /p", found["partitionKey"]["paths"] == PARTITION_KEY),
                ("documents cannot expire in it", found.get("defaultTtl") == -1),
                ("it has no composite index of /p, /id", ORDERED in map(_paths, indexes)),
            )
            if not right
        ]
        if wrong:
            said = ", ".join(wrong)
            raise PermanentError(f"{doing}: {said}; apply the Terraform in deploy/azure")
        return proxy


def is_container_missing(error: CosmosResourceNotFoundError) -> bool:
    """Whether it is not the document alone that is missing."""
    return bool(error.sub_status == _NO_CONTAINER)


def _paths(index: list[dict[str, str]]) -> list[str]:
    return [path["path"] for path in index]
