"""A module is a noun: what is in it has a name of its own."""

import re

from tests.architecture.repository import files, shown

_NOT_A_NOUN = re.compile(r"(^|_)(util|utils|helper|helpers|common|manager|base|misc)(_|$)")


def test_no_module_is_called_after_nothing_in_particular() -> None:
    modules = {*files(".py"), *(path.parent for path in files(".py"))}
    assert [shown(m) for m in modules if _NOT_A_NOUN.search(m.stem)] == []
