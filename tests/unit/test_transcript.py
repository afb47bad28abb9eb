"""What was said before, to Semantic Kernel and back."""

from dataclasses import replace

from semantic_kernel.contents import ChatHistory

from orchestration.planner.history import Exchange, ToolCall
from orchestration.planner.transcript import called, loaded

ASKED = Exchange(
    "what can you do?",
    "I can set up a storage account.",
    (ToolCall("signoff-list_capabilities", "{}"), ToolCall("signoff-status", "{}", "Nothing yet.")),
)


def shape(history: ChatHistory) -> list[tuple[str, str]]:
    return [(message.role.value, message.content) for message in history.messages]


def test_a_turn_comes_after_what_was_said_before() -> None:
    history = loaded("Be short.", [Exchange("hello", "Hello!"), ASKED], "and now?")
    assert shape(history) == [
        ("system", "Be short."),
        ("user", "hello"),
        ("assistant", "Hello!"),
        ("user", "what can you do?"),
        ("assistant", ""),
        ("tool", ""),
        ("tool", ""),
        ("assistant", "I can set up a storage account."),
        ("user", "and now?"),
    ]


def test_every_call_has_a_result_and_no_two_have_the_same_id() -> None:
    history = loaded("", [ASKED, ASKED], "and now?")
    items = [item for message in history.messages for item in message.items]
    calls = [item.id for item in items if item.content_type == "function_call"]
    results = [item.id for item in items if item.content_type == "function_result"]
    assert calls == results and len(set(calls)) == 4


def test_what_was_refused_is_not_said_again() -> None:
    refused = Exchange(answer="The content filter stopped it.")
    history = loaded("", [refused, Exchange("hello", "Hello!"), refused], "and now?")
    assert shape(history) == [
        ("user", "hello"),
        ("assistant", "Hello!"),
        ("assistant", "The content filter stopped it."),
        ("user", "and now?"),
    ]


def test_the_calls_of_a_turn_are_found_with_their_results() -> None:
    calls = called(loaded("", [ASKED], "and now?").messages)
    assert calls == [replace(ASKED.calls[0], result="told in the answer"), ASKED.calls[1]]
