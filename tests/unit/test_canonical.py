import json
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.canonical import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


class Colour(StrEnum):
    RED = "red"


@given(JSON)
def test_it_reads_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(TEXT, st.integers()))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, b"1"),
        (-0.0, b"0"),
        (Decimal("1.50"), b"1.5"),
        (0.1, b"0.1"),
        (2**70, b"1180591620717411303424"),
        (10**400, b"1" + b"0" * 400),
        (True, b"true"),
        ((1, "ü"), '[1,"ü"]'.encode()),
        (Colour.RED, b'"red"'),
        (MappingProxyType({"b": 1, "a": None}), b'{"a":null,"b":1}'),
        ('a"\\\n\x7f/', b'"a\\"\\\\\\n\x7f/"'),
    ],
)
def test_it_is_written_in_one_way(value: object, written: bytes) -> None:
    assert canonical(value) == written


@pytest.mark.parametrize("value", [b"x", {1}, {1: 2}, object()])
def test_what_json_has_no_word_for_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), "\ud800"])
def test_what_is_no_number_or_no_text_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical(value)
