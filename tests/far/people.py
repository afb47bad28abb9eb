"""The people of the sandbox's directory, as every far side has them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import bot

DIRECTORY = Path(bot.__file__).parent / "sandbox-directory.toml"
TENANT = "99999999-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Human:
    """`id` is the principal's, `object_id` the one in Entra."""

    id: str
    name: str
    email: str
    object_id: str


def humans() -> tuple[Human, ...]:
    people = tomllib.loads(DIRECTORY.read_text(encoding="utf-8"))["people"]
    return tuple(
        Human(id, each["name"], each["email"], each["entra"].partition("/")[2])
        for id, each in people.items()
    )
