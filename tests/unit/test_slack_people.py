"""What a Slack profile proves of a person."""

from typing import Any

import pytest

from bot.slack.people import proved_address
from orchestration.errors import UserError
from tests.doubles.slack_api import TEAM, member


def profile(**more: Any) -> dict[str, Any]:
    return {**member("U1", "Ana"), **more}


def test_a_member_is_their_address_in_lower_case() -> None:
    assert proved_address(profile(), TEAM) == "ana@example.com"


def test_slack_need_not_say_that_an_address_is_confirmed() -> None:
    known = profile()
    del known["is_email_confirmed"]
    assert proved_address(known, TEAM) == "ana@example.com"


def test_in_an_organisation_a_person_is_a_member_of_several_workspaces() -> None:
    known = profile(team_id="T2", enterprise_user={"id": "W1", "teams": ["T2", TEAM]})
    assert proved_address(known, TEAM) == "ana@example.com"


@pytest.mark.parametrize(
    "more",
    [
        {"is_bot": True},
        {"id": "USLACKBOT"},
        {"deleted": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"team_id": "T2"},
        {"team_id": "T2", "enterprise_user": {"teams": ["T3"]}},
        {"is_email_confirmed": False},
        {"profile": {}},
        {"profile": None},
        {"profile": {"email": 5}},
        {"profile": {"email": "no address"}},
    ],
)
def test_others_are_nobody(more: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        proved_address(profile(**more), TEAM)
