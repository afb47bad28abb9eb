"""Bodies of every shape are read or refused, and nothing else happens."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.requests import NotSlacks, request_of
from tests.doubles.slack_person import event_body

_LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_JSON = st.recursive(
    _LEAF, lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=8), each)
)
_KINDS = st.sampled_from(
    ["event_callback", "block_actions", "view_submission", "shortcut", "message_action", "x"]
)
_IDS = ["team_id", "enterprise_id", "event_id", "callback_id", "trigger_id", "authorizations"]
_PARTS = ["event", "user", "team", "enterprise", "view", "actions", "container", "message"]
_REST = ["channel", "response_url", "response_urls", "command", "text", "function_data", "is_bot"]
_FIELDS = [*_IDS, *_PARTS, *_REST, "is_enterprise_install", "bot_access_token"]


@settings(max_examples=400, deadline=None)
@given(kind=_KINDS, body=st.dictionaries(st.sampled_from(_FIELDS), _JSON))
def test_a_body_of_any_shape_is_read_or_refused(kind: str, body: dict[str, Any]) -> None:
    _read({**body, "type": kind})


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["message", "app_mention", "app_home_opened", "tokens_revoked"]),
    event=st.dictionaries(
        st.sampled_from(["user", "text", "ts", "channel", "files", "tab"]), _JSON
    ),
)
def test_an_event_of_any_shape_is_read_or_refused(kind: str, event: dict[str, Any]) -> None:
    _read(event_body({**event, "type": kind}))


def _read(body: dict[str, Any]) -> None:
    try:
        request = request_of(json.dumps(body), headers={"content-type": "application/json"})
    except NotSlacks:
        return
    assert isinstance(request.context["team"], str)
