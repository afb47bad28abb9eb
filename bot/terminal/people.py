"""Who can speak in this terminal."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from approvals.principals import Principal, PrincipalId, Role
from orchestration.errors import UserError
from orchestration.ports import Directory


class People:
    """Everybody in the directory, found by id or name whatever the case."""

    def __init__(self, principals: Sequence[Principal]) -> None:
        self._principals = tuple(principals)
        self._by_name = {p.name.lower(): p for p in principals} | {
            p.id.lower(): p for p in principals
        }

    def __iter__(self) -> Iterator[Principal]:
        return iter(self._principals)

    def get(self, name: str) -> Principal:
        """Raises: UserError - nobody has this name; it lists who exists."""
        found = self._by_name.get(name.lower())
        if found is None:
            raise UserError(f"There is nobody called {name!r} here. There are: {self.listed()}.")
        return found

    def resembles(self, name: str) -> bool:
        """Whether the name is somebody's, or nearly."""
        return bool(get_close_matches(name.lower(), self._by_name, n=1, cutoff=0.6))

    def name_of(self, id: PrincipalId) -> str:
        found = self._by_name.get(id.lower())
        return found.name if found else id

    def listed(self) -> str:
        return ", ".join(
            f"{p.name} ({', '.join(sorted(p.roles)) or 'no role'})" for p in self._principals
        )


async def everybody(directory: Directory) -> People:
    """The people of the directory. Raises: UserError - it has none."""
    principals = await directory.with_roles(frozenset(Role))
    if not principals:
        raise UserError("The directory file names nobody, so that nobody can speak. Add people.")
    return People(principals)
