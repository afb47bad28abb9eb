import pytest

from bot.terminal.editor import Editor, Ended, Entered


def entered(*keys: str) -> list[object]:
    editor = Editor()
    return [event for some in keys for event in editor.feed(some)]


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("hello\r", "hello"),
        ("helo\x1b[Dl\r", "hello"),
        ("xhello\x1b[H\x1b[3~\r", "hello"),
        ("hello there\x17\x7f\r", "hello"),
        ("wrong\x15hello\r", "hello"),
        ("hello!\x1b[D\x0b\r", "hello"),
        ("hellö\x7fo\x1b[99~\x1bq\x02\r", "hello"),
        ("\x1b[200~two\r\nlines\x1b[201~\r", "two\nlines"),
    ],
)
def test_keys_make_a_line(keys: str, text: str) -> None:
    assert entered(keys) == [Entered(text)]
    assert entered(*keys) == [Entered(text)]


def test_earlier_lines_are_recalled() -> None:
    up, down = "\x1b[A", "\x1b[B"
    assert entered(f"one\rtwo\r{up}{up}\r{up}{up}{up}{up}{down}\r")[2:] == [
        Entered("one"),
        Entered("two"),
    ]


def test_ctrl_d_ends_only_on_an_empty_line() -> None:
    assert entered("a\x04\r\x04") == [Entered("a"), Ended()]


def test_a_large_paste_is_taken_whole() -> None:
    assert entered(f"\x1b[200~{'x' * 100_000}", "\x1b[201~\r") == [Entered("x" * 100_000)]
