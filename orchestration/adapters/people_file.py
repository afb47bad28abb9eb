"""The file of people: who is named by hand, and which groups of the tenant give which roles."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as Invalid

from approvals.principals import PrincipalId, Role
from orchestration.errors import PermanentError
from orchestration.identity import EmailIdentity, EntraIdentity, Identity

_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Person:
    """`email` and `entra` are what surfaces may prove of them."""

    id: PrincipalId
    name: str
    roles: frozenset[Role]
    email: EmailIdentity | None
    entra: EntraIdentity | None

    @property
    def identities(self) -> tuple[Identity, ...]:
        return tuple(each for each in (self.email, self.entra) if each)


@dataclass(frozen=True, slots=True)
class PeopleFile:
    people: tuple[Person, ...]
    groups: Mapping[str, frozenset[Role]]
    """By the object id of a group in Entra, in lower case: what its members may sign for."""


def is_guid(text: str) -> bool:
    """Whether it is an id as Entra writes them, in lower case."""
    return re.fullmatch(_GUID, text) is not None


def _not_an_object_id(key: str) -> str:
    if is_guid(key):
        raise ValueError("a person is named by a word; the object id goes to `entra`")
    return key


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


_Id = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$"), AfterValidator(_not_an_object_id)
]
_Group = Annotated[str, BeforeValidator(_lower), Field(pattern=f"^{_GUID}$")]
_Roles = Annotated[frozenset[Role], BeforeValidator(_listed), Field(min_length=1)]


class _Person(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")]
    roles: _Roles | None = None
    email: Annotated[str, BeforeValidator(_lower), Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = (
        None
    )
    entra: Annotated[str, BeforeValidator(_lower), Field(pattern=f"^{_GUID}/{_GUID}$")] | None = (
        None
    )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    people: dict[_Id, _Person] = {}
    groups: dict[_Group, _Roles] = {}


_FILE = TypeAdapter(_File)


def read_people(path: Path, *, groups_used: bool = False) -> PeopleFile:
    """The people and groups in a file such as bot/sandbox-directory.toml.

    Without a tenant whose groups are used, everybody needs roles of their own and there has to be
    somebody; with one, there has to be a group or somebody.

    Raises: PermanentError - it cannot be read; the message names file, person and what would do.
    """
    found = _validated(path)
    people = tuple(_person(key, each) for key, each in found.people.items())
    for problem in (*_missing(found, groups_used), *_shared(people)):
        raise PermanentError(f"reading directory {path}: {problem}")
    return PeopleFile(people, found.groups)


def _validated(path: Path) -> _File:
    try:
        return _FILE.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PermanentError(f"reading directory {path}: {error}") from error
    except Invalid as error:
        problems = "; ".join(_problem(detail) for detail in error.errors())
        raise PermanentError(f"reading directory {path}: {problems}") from error


def _person(key: str, each: _Person) -> Person:
    tenant, _, object_id = (each.entra or "").partition("/")
    return Person(
        PrincipalId(key),
        each.name,
        each.roles or frozenset(),
        EmailIdentity(each.email) if each.email else None,
        EntraIdentity(tenant, object_id) if each.entra else None,
    )


def _missing(found: _File, groups_used: bool) -> Iterator[str]:
    """What the file has to have, but does not."""
    if not found.people and not (groups_used and found.groups):
        yield "there is nobody in it; add [people.NAME]" + (" or [groups]" if groups_used else "")
    for key, person in found.people.items():
        if not person.roles and not (groups_used and (person.entra or person.email)):
            yield f"person {key!r}: roles: say what they may sign for"


def _shared(people: tuple[Person, ...]) -> Iterator[str]:
    """What would let one person speak, or sign, as another."""
    names: dict[str, PrincipalId] = {}
    owners: dict[Identity, PrincipalId] = {}
    for person in people:
        if (other := names.setdefault(person.name.casefold(), person.id)) != person.id:
            both = f"{other!r} and {person.id!r} are both called {person.name!r}"
            yield f"{both}; give one another name"
        for identity in person.identities:
            if (other := owners.setdefault(identity, person.id)) != person.id:
                yield f"{other!r} and {person.id!r} have the same {_named(identity)}"


def _named(identity: Identity) -> str:
    match identity:
        case EmailIdentity(address):
            return f"email {address!r}"
        case EntraIdentity(tenant, object_id):
            return f"entra '{tenant}/{object_id}'"


def _problem(detail: Any) -> str:
    message = "there is no such setting" if detail["type"] == "extra_forbidden" else detail["msg"]
    kind, *place = [str(part) for part in detail["loc"]]
    if kind in ("people", "groups") and place:
        word = "person" if kind == "people" else "group"
        return f"{word} {place[0]!r}: {'.'.join(place[1:]) or 'entry'}: {message}"
    return f"{'.'.join([kind, *place])}: {message}"
