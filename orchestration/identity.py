"""What a surface has proved of a person; the directory says which human that is."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class EntraIdentity:
    """A user of a Microsoft Entra tenant, from a validated token; both are GUIDs in lower case."""

    tenant: str
    object_id: str


@dataclass(frozen=True, slots=True)
class EmailIdentity:
    """An address that its owner's identity provider or workspace has verified, in lower case."""

    address: str


Identity: TypeAlias = EntraIdentity | EmailIdentity
