"""People from a TOML file: the directory of the sandbox and of small installations."""

from pathlib import Path

from approvals.principals import Principal, PrincipalId, Role
from orchestration.adapters.people_file import PeopleFile, Person, read_people
from orchestration.identity import Identity


class FileDirectory:
    """`ports.Directory` over people read once; names are found in any case."""

    def __init__(self, file: PeopleFile) -> None:
        people = sorted(map(_principal, file.people), key=lambda person: person.name.casefold())
        self._people = tuple(people)
        self._by_id = {person.id: person for person in people}
        self._by_name = {person.name.casefold(): person for person in people}
        self._identities = {each: person.id for person in file.people for each in person.identities}

    async def identified(self, identity: Identity) -> Principal | None:
        id = self._identities.get(identity)
        return self._by_id[id] if id else None

    async def identities(self, id: PrincipalId) -> tuple[Identity, ...]:
        return tuple(each for each, owner in self._identities.items() if owner == id)

    async def get(self, id: PrincipalId) -> Principal | None:
        return self._by_id.get(id)

    async def named(self, name: str) -> Principal | None:
        return self._by_name.get(name.strip().casefold())

    async def with_roles(self, roles: frozenset[Role]) -> tuple[Principal, ...]:
        return tuple(person for person in self._people if person.roles & roles)


def _principal(person: Person) -> Principal:
    return Principal(person.id, person.name, person.roles)


def open_directory(path: Path) -> FileDirectory:
    """Raises: PermanentError - the file cannot be used; the message says what would do."""
    return FileDirectory(read_people(path))
