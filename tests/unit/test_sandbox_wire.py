import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.sandbox.values import UNKNOWN, pack, plain, unpack
from orchestration.sandbox.wire import decode, encode


@given(st.text(), st.integers(0, 2**40), st.lists(st.text(min_size=1), max_size=4))
def test_a_message_comes_back_as_it_was_sent(summary: str, severity: int, path: list[str]) -> None:
    message = {
        "severity": severity,
        "summary": summary,
        "detail": "",
        "attribute": {"steps": [{"attribute_name": step} for step in path]},
    }
    assert decode("Diagnostic", encode("Diagnostic", message)) == message


def test_it_is_what_protobuf_writes() -> None:
    assert encode("DynamicValue", {"msgpack": b"\xc0"}) == b"\x0a\x01\xc0"
    assert encode("Capabilities", {"plan_destroy": True}) == b"\x08\x01"
    assert encode("Attribute", {"name": "n" * 200})[:3] == b"\x0a\xc8\x01"


def test_fields_it_does_not_know_are_skipped() -> None:
    unknown = b"\x7a\x02hi" + b"\x80\x01\x05" + b"\x79" + bytes(8) + b"\x7d" + bytes(4)
    assert decode("Import", unknown + b"\x0a\x01t")["type_name"] == "t"


def test_a_message_that_is_cut_off_is_refused() -> None:
    with pytest.raises(ValueError, match="cut off"):
        decode("Import", b"\x0a\x05t")


def test_unknown_values_survive_and_become_nothing_in_json() -> None:
    value = {"a": UNKNOWN, "b": [1, UNKNOWN]}
    assert unpack({"json": b"", **pack(value)}) == value
    assert plain(value) == {"a": None, "b": [1, None]}
