"""People from a TOML file: the directory of the sandbox and of small installations."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from approvals.principals import Principal, PrincipalId, Role
from orchestration.errors import PermanentError
from orchestration.identity import EmailIdentity, EntraIdentity, Identity

_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$")]


class _Person(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")]
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    entra: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}/[0-9a-f-]{36}$")] | None = None
    """`<tenant>/<object id>` of the user in Microsoft Entra."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    people: Annotated[dict[_Id, _Person], Field(min_length=1)]


_FILE = TypeAdapter(_File)


class FileDirectory:
    """`ports.Directory` over people read once; names are found in any case."""

    def __init__(
        self, people: tuple[Principal, ...], identities: Mapping[Identity, PrincipalId]
    ) -> None:
        self._people = tuple(sorted(people, key=lambda person: person.name.casefold()))
        self._by_id = {person.id: person for person in people}
        self._by_name = {person.name.casefold(): person for person in people}

        self._identities = identities

    async def identified(self, identity: Identity) -> Principal | None:
        id = self._identities.get(identity)
        return self._by_id[id] if id else None

    async def get(self, id: PrincipalId) -> Principal | None:
        return self._by_id.get(id)

    async def named(self, name: str) -> Principal | None:
        return self._by_name.get(name.strip().casefold())

    async def with_roles(self, roles: frozenset[Role]) -> tuple[Principal, ...]:
        return tuple(person for person in self._people if person.roles & roles)


def open_directory(path: Path) -> FileDirectory:
    """The people in a file such as bot/sandbox-directory.toml.

    Raises: PermanentError - it cannot be read; the message names file, person and what would do.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        people = _FILE.validate_python(document).people
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PermanentError(f"reading directory {path}: {error}") from error
    except ValidationError as error:
        problems = "; ".join(_problem(detail) for detail in error.errors())
        raise PermanentError(f"reading directory {path}: {problems}") from error
    _refuse_shared_names(path, people)
    return FileDirectory(
        tuple(Principal(PrincipalId(key), each.name, each.roles) for key, each in people.items()),
        _identities(path, people),
    )


def _identities(path: Path, people: dict[str, _Person]) -> Mapping[Identity, PrincipalId]:
    """Who is behind an address or an account: one person, or two would sign as one another."""
    found: dict[Identity, PrincipalId] = {}
    for key, person in people.items():
        for identity in _proved(person):
            other = found.setdefault(identity, PrincipalId(key))
            if other != key:
                what = f"{other!r} and {key!r} have the same {identity}"
                raise PermanentError(f"reading directory {path}: {what}")
    return found


def _proved(person: _Person) -> Iterator[Identity]:
    if person.email:
        yield EmailIdentity(person.email.lower())
    if person.entra:
        yield EntraIdentity(*person.entra.split("/"))


def _refuse_shared_names(path: Path, people: dict[str, _Person]) -> None:
    """A name stands for one person, or one could speak as the other."""
    owners: dict[str, str] = {}
    for key, person in people.items():
        other = owners.setdefault(person.name.casefold(), key)
        if other != key:
            what = f"{other!r} and {key!r} are both called {person.name!r}; give one another name"
            raise PermanentError(f"reading directory {path}: {what}")


def _problem(detail: Any) -> str:
    message = "there is no such setting" if detail["type"] == "extra_forbidden" else detail["msg"]
    place = [str(part) for part in detail["loc"]]
    if place[:1] == ["people"] and len(place) > 1:
        return f"person {place[1]!r}: {'.'.join(place[2:]) or 'entry'}: {message}"
    return f"{'.'.join(place)}: {message}"
