"""What the account has: databases, their containers, who may use it."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, Literal

from tests.far.cosmos.items import Entry, Items, Now, Refused

KEY = base64.b64encode(hashlib.sha512(b"a key of the double").digest()).decode()
Consistency = Literal["Strong", "BoundedStaleness", "Session", "Eventual"]

AS_TERRAFORM_MAKES_IT: Mapping[str, Any] = {
    "partitionKey": {"paths": ["/p"], "kind": "Hash", "version": 2},
    "defaultTtl": -1,
    "indexingPolicy": {
        "indexingMode": "consistent",
        "automatic": True,
        "includedPaths": [{"path": "/waits/?"}],
        "excludedPaths": [{"path": "/*"}],
        "compositeIndexes": [
            [{"path": "/p", "order": "ascending"}, {"path": "/id", "order": "ascending"}]
        ],
    },
}
"""A container's properties, but for its id."""


@dataclass(frozen=True, slots=True)
class Container:
    properties: Mapping[str, Any]
    items: Items

    @property
    def rid(self) -> str:
        return str(self.properties["_rid"])

    @property
    def policy(self) -> Mapping[str, Any]:
        policy: Mapping[str, Any] = self.properties.get("indexingPolicy", {})
        return policy

    @property
    def indexed(self) -> int:
        composite: list[Any] = self.policy.get("compositeIndexes", [])
        return len(self.policy.get("includedPaths", [])) + len(composite)


@dataclass(slots=True)
class Account:
    """`tokens` are the bearer tokens that it takes beside its key; `region` is the address of the
    one that it writes and reads in, "" for wherever it is asked."""

    now: Now
    key: str = KEY
    tokens: set[str] = field(default_factory=set)
    consistency: Consistency = "Strong"
    region: str = ""
    databases: dict[str, dict[str, Container]] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    def make_database(self, name: str) -> Mapping[str, Any]:
        if name in self.databases:
            raise Refused(409, "there is such a database")
        self.databases[name] = {}
        return {"id": name, "_rid": self._rid(), "_self": f"dbs/{name}/", "_etag": '"0"', "_ts": 0}

    def make_container(
        self, database: str, name: str, properties: Mapping[str, Any] = AS_TERRAFORM_MAKES_IT
    ) -> Container:
        containers = self.database(database)
        if name in containers:
            raise Refused(409, "there is such a container")
        rid = self._rid()
        system = {"_rid": rid, "_self": f"dbs/{database}/colls/{rid}/", "_etag": '"0"', "_ts": 0}
        containers[name] = Container({**properties, "id": name, **system}, Items(rid, self.now))
        return containers[name]

    def make(self, database: str, *containers: str) -> None:
        """A database with containers, as Terraform makes them."""
        self.make_database(database)
        for name in containers:
            self.make_container(database, name)

    def database(self, name: str) -> dict[str, Container]:
        try:
            return self.databases[name]
        except KeyError:
            raise Refused(404, f"there is no database {name!r}", 1003) from None

    def container(self, database: str, name: str, substatus: int = 1003) -> Container:
        try:
            return self.database(database)[name]
        except KeyError:
            raise Refused(404, f"there is no container {name!r}", substatus) from None

    def kept(self) -> Iterator[dict[str, Any]]:
        """All there is, one thing after the other, for `put_back`."""
        for database, containers in self.databases.items():
            for name, container in containers.items():
                place = {"database": database, "container": name}
                yield {**place, "properties": container.properties, "lsn": container.items.lsn}
                for entry in container.items.all():
                    yield {**place, "entry": {**asdict(entry), "text": entry.text.decode()}}

    def put_back(self, one: Mapping[str, Any]) -> None:
        containers = self.databases.setdefault(one["database"], {})
        if "properties" in one:
            items = Items(one["properties"]["_rid"], self.now)
            items.lsn = one.get("lsn", 0)
            containers[one["container"]] = Container(one["properties"], items)
            next(self._numbers)
        else:
            entry = one["entry"]
            kept = Entry(**{**entry, "text": entry["text"].encode()})
            containers[one["container"]].items.put_back(kept)

    def check(self, method: str, path: str, headers: Mapping[str, str], shown: str) -> None:
        """`shown` is what the authorization header says.

        Raises: Refused - it is neither signed with the key nor a token that is known.
        """
        if shown.startswith("type=aad&ver=1.0&sig="):
            if shown.partition("&sig=")[2] not in self.tokens:
                raise Refused(401, "that token is not good here")
            return
        if not headers.get("x-ms-date"):
            raise Refused(401, "a signed request has a date")
        expected = f"type=master&ver=1.0&sig={self._signature(method, path, headers['x-ms-date'])}"
        if not hmac.compare_digest(shown.encode(), expected.encode()):
            raise Refused(401, "the signature is not that of this key")

    def _signature(self, method: str, path: str, date: str) -> str:
        """Source: Azure Cosmos DB REST API, "Access control", the hashed token signature."""
        parts = [part for part in path.split("/") if part]
        named = len(parts) % 2 == 0
        kind = "" if not parts else parts[-2] if named else parts[-1]
        link = "/".join(parts if named else parts[:-1])
        text = f"{method.lower()}\n{kind}\n{link}\n{date.lower()}\n\n"
        digest = hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    def _rid(self) -> str:
        return (
            base64.b64encode(next(self._numbers).to_bytes(6, "little")).decode().replace("/", "-")
        )
