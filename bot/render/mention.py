"""How a surface names a person so that they are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mention:
    """`address` is the surface's own id of the person; `name` is what is read."""

    name: str
    address: str
