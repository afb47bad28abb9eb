"""A module is a noun: what is in it has a name of its own."""

import re

from tests.architecture.repository import files, project, shown

_NOT_A_NOUN = re.compile(r"(^|_)(util|utils|helper|helpers|common|manager|base|misc)(_|$)")


def test_no_module_is_called_after_nothing_in_particular() -> None:
    modules = {*files(".py"), *(path.parent for path in files(".py"))}
    assert [shown(m) for m in modules if _NOT_A_NOUN.search(m.stem)] == []


def test_every_folder_of_tests_is_run() -> None:
    run = set(project()["tool"]["pytest"]["ini_options"]["testpaths"])
    tests = [p for p in files(".py", under="tests") if p.name.startswith("test_")]
    assert {shown(path.parent) for path in tests} - run == set()
