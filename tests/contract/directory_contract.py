"""What every `Directory` promises. A subclass gives the fixture `directory` over the same people.

ana is an engineer, omar leads the platform and signs for finance as well, vic only looks.
Addresses are written in mixed case where they are kept, and in lower case where they are proved.
"""

import pytest

from approvals.principals import PrincipalId, Role
from orchestration.identity import EmailIdentity, EntraIdentity, Identity
from orchestration.ports import Directory
from tests.doubles.graph import TENANT, guid

ANA = EntraIdentity(TENANT, guid(1))
OMAR = EntraIdentity(TENANT, guid(2))
VIC = EntraIdentity(TENANT, guid(3))
ADDRESSES = {ANA: "ana@contoso.example", OMAR: "o'mar@contoso.example", VIC: "vic@contoso.example"}
STRANGERS = [
    EntraIdentity(TENANT, guid(99)),
    EntraIdentity("88888888-0000-0000-0000-000000000000", guid(1)),
    EntraIdentity(TENANT, ""),
    EntraIdentity(TENANT, "../groups"),
    EmailIdentity("ana@elsewhere.example"),
    EmailIdentity(""),
    EmailIdentity("' or mail ne '"),
]


class DirectoryContract:
    @pytest.mark.parametrize("account", [ANA, OMAR, VIC])
    async def test_an_account_and_its_address_are_one_person(
        self, directory: Directory, account: EntraIdentity
    ) -> None:
        in_teams = await directory.identified(account)
        in_slack = await directory.identified(EmailIdentity(ADDRESSES[account]))
        assert in_teams is not None
        assert in_teams == in_slack == await directory.get(in_teams.id)

    @pytest.mark.parametrize("account", [ANA, OMAR, VIC])
    async def test_a_person_can_be_found_by_what_identifies_them(
        self, directory: Directory, account: EntraIdentity
    ) -> None:
        person = await directory.identified(account)
        assert person is not None
        known_by = await directory.identities(person.id)
        assert {account, EmailIdentity(ADDRESSES[account])} <= {*known_by}

    async def test_nobody_is_known_by_nothing(self, directory: Directory) -> None:
        assert await directory.identities(PrincipalId("nobody")) == ()

    @pytest.mark.parametrize("stranger", STRANGERS)
    async def test_a_stranger_is_nobody(self, directory: Directory, stranger: Identity) -> None:
        assert await directory.identified(stranger) is None

    @pytest.mark.parametrize("id", ["", "nobody", guid(99), "../users"])
    async def test_an_unknown_id_is_nobodys(self, directory: Directory, id: str) -> None:
        assert await directory.get(PrincipalId(id)) is None

    async def test_roles_are_what_was_given(self, directory: Directory) -> None:
        ana, omar, vic = [await directory.identified(each) for each in (ANA, OMAR, VIC)]
        assert ana and omar and vic
        assert ana.roles == {Role.ENGINEER}
        assert omar.roles == {Role.PLATFORM, Role.FINANCE}
        assert vic.roles == {Role.VIEWER}
        assert [each.may_ask() for each in (ana, omar, vic)] == [True, True, False]

    async def test_everybody_with_a_role_is_listed_once_by_name(self, directory: Directory) -> None:
        listed = await directory.with_roles(frozenset(Role))
        assert [each.name for each in listed] == ["Ana", "Omar", "Vic"]
        assert [await directory.get(each.id) for each in listed] == [*listed]
        some = await directory.with_roles(frozenset({Role.PLATFORM, Role.VIEWER}))
        assert [each.name for each in some] == ["Omar", "Vic"]
        assert await directory.with_roles(frozenset()) == ()

    async def test_a_name_is_found_in_any_case(self, directory: Directory) -> None:
        found = await directory.named(" OMAR ")
        assert found == await directory.identified(OMAR)
        assert await directory.named("nobody") is None
