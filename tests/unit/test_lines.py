import pytest

from bot.terminal.lines import Command, Press, Restart, Sandbox, Say, Show, Wait, parse
from orchestration.errors import UserError


@pytest.mark.parametrize("line", ["", "   ", "# a comment"])
def test_blank_lines_and_comments_mean_nothing(line: str) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    ("line", "name", "text"),
    [
        ("ana: I need Databricks", "ana", "I need Databricks"),
        ("I need Databricks", None, "I need Databricks"),
        ("ana: open port: 443", "ana", "open port: 443"),
        ("see https://example.com", None, "see https://example.com"),
        ("https://example.com", None, "https://example.com"),
        (": odd", None, ": odd"),
        ("wow!", "wow", ""),
    ],
)
def test_a_name_before_a_colon_speaks(line: str, name: str | None, text: str) -> None:
    parsed = parse(line)
    if name == "wow":
        assert isinstance(parsed, Press)
    else:
        assert parsed == Say(name, text, line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mia! Approve", {"name": "mia", "button": "Approve"}),
        ("! 2", {"name": None, "button": "2"}),
        ("mia! Approve storage-ml", {"name": "mia", "button": "Approve storage-ml"}),
        ("mia! #plan-1 Approve", {"name": "mia", "card": "plan-1", "button": "Approve"}),
        (
            "mia! #plan-1@2 Approve",
            {"name": "mia", "card": "plan-1", "version": 2, "button": "Approve"},
        ),
        (
            'mia! Reject reason="too \\"big\\"" until=friday',
            {
                "name": "mia",
                "button": "Reject",
                "inputs": {"reason": 'too "big"', "until": "friday"},
            },
        ),
        (
            "mia! Reject reason='it is = too big'",
            {"name": "mia", "button": "Reject", "inputs": {"reason": "it is = too big"}},
        ),
        ("mia! Reject reason=", {"name": "mia", "button": "Reject", "inputs": {"reason": ""}}),
    ],
)
def test_a_name_before_an_exclamation_mark_presses(line: str, expected: dict[str, object]) -> None:
    assert parse(line) == Press(line=line, **expected)  # type: ignore[arg-type]


def test_directives_and_commands() -> None:
    assert parse("wait: succeeded 2.5") == Wait("succeeded", 2.5)
    assert parse("show: draft") == Show("draft")
    assert parse("restart:") == Restart()
    assert parse("sandbox: fault add --message 'too much'") == Sandbox(
        ("fault", "add", "--message", "too much")
    )
    assert parse("/as mia") == Command("as", "mia")
    assert parse("/help") == Command("help", "")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("wait: forever 3", "planned, awaiting"),
        ("wait: planned soon", "STATE SECONDS"),
        ("show: everything", "draft|deployment|audit"),
        ("restart: now", "restart:"),
        ("sandbox:", "sandbox: COMMAND"),
        ("/dance", "/as, /thread"),
        ("/as", "'/as mia' speaks as mia"),
        ("/thread  ", "'/thread web' goes to"),
        ('mia! Reject reason="too big', 'name="value"'),
    ],
)
def test_what_cannot_be_read_says_what_can(line: str, says: str) -> None:
    with pytest.raises(UserError) as refused:
        parse(line)
    assert says in str(refused.value)
