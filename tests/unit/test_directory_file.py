"""People from a file."""

from pathlib import Path

import pytest

from approvals.principals import PrincipalId, Role
from orchestration.adapters.directory_file import open_directory
from orchestration.errors import PermanentError

SANDBOX = Path(__file__).parents[2] / "bot" / "sandbox-directory.toml"


async def test_the_sandbox_has_everybody_the_shipped_policy_asks_for() -> None:
    directory = open_directory(SANDBOX)
    asked = frozenset({Role.LEAD, Role.PLATFORM})
    assert [each.name for each in await directory.with_roles(asked)] == ["lena", "olga", "omar"]
    assert [each.name for each in await directory.with_roles(frozenset(Role))] == [
        *["ana", "ben", "lena", "mia", "olga", "omar", "sam", "vic"]
    ]
    vic = await directory.named(" VIC ")
    assert vic is not None
    assert not vic.may_ask()
    assert await directory.get(PrincipalId("vic")) == vic
    assert await directory.named("nobody") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people = [", "reading directory"),
        ("", "there is nobody in it"),
        ('[people.ana]\nname = "Ana"\nroles = ["boss"]', "person 'ana': roles.0: Input should be"),
        ('[people.ana]\nname = "Ana"\nroles = []', "person 'ana': roles: "),
        ('[people.ana]\nname = "Ana"\nroles = ["lead"]\nage = 3', "person 'ana': age: there is no"),
        ('[people."A B"]\nname = "Ana"\nroles = ["lead"]', "person 'A B': "),
        (
            'people.a = { name = "Ana", roles = ["lead"] }\n'
            'people.b = { name = "ANA", roles = ["lead"] }',
            "'a' and 'b' are both called 'ANA'",
        ),
    ],
)
def test_a_bad_file_names_the_person_and_what_would_do(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "people.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PermanentError) as caught:
        open_directory(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"nowhere\.toml"):
        open_directory(tmp_path / "nowhere.toml")
