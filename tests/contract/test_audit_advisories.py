"""`make audit` asks pip-audit and npm themselves; who answers them is a double, or nobody."""

import json
from pathlib import Path

import pytest

from scripts.audit import advisories
from tests.doubles.advisories import advisories as knowing

NOBODY = "http://127.0.0.1:9"
KNOWN = {advisories.KNOWN, advisories.KNOWN_NPM}
NODE = Path(__file__).parents[1] / "node"


def test_a_pin_that_is_known_to_be_vulnerable_is_named_with_what_mends_it() -> None:
    with knowing(KNOWN | {("aiohttp", "3.8.0")}) as url:
        outcome = advisories.python([("aiohttp", "3.8.0"), ("yarl", "1.20.0")], url)
    assert outcome.problems == ("aiohttp 3.8.0: PYSEC-aiohttp, mended in 99.0",)
    assert outcome.unknown == ""


def test_of_a_package_with_two_versions_both_are_asked_for() -> None:
    pins = [("aiohttp", "3.8.0"), ("aiohttp", "3.14.0"), ("yarl", "1.20.0")]
    for pin in pins[:2]:
        with knowing({*KNOWN, pin}) as url:
            (found,) = advisories.python(pins, url).problems
        assert found.startswith(" ".join(pin))


def test_pins_that_nobody_knows_anything_of_are_well() -> None:
    with knowing(KNOWN) as url:
        outcome = advisories.python([("aiohttp", "3.8.0")], url)
    assert (outcome.word, outcome.problems) == ("ok", ())


def test_who_cannot_be_reached_is_no_proof_of_anything() -> None:
    outcome = advisories.python([("aiohttp", "3.8.0")], NOBODY)
    assert outcome.word == "?"
    assert "OSV: " in outcome.unknown
    assert outcome.problems == ()


@pytest.mark.parametrize(("known", "status"), [(set(), 200), (KNOWN, 503), (KNOWN, 404)])
def test_who_does_not_know_what_everybody_knows_is_not_believed(
    known: set[tuple[str, str]], status: int
) -> None:
    with knowing(known, status=status) as url:
        assert advisories.python([("aiohttp", "3.8.0")], url).word == "?"


def lock(folder: Path) -> Path:
    """The tests' own lock, in a folder of its own."""
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_bytes((NODE / name).read_bytes())
    return folder


def locked(name: str) -> str:
    packages = json.loads((NODE / "package-lock.json").read_text("utf-8"))["packages"]
    return str(packages[f"node_modules/{name}"]["version"])


def test_npm_names_what_is_vulnerable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = locked("markdown-it")
    with knowing(KNOWN | {("markdown-it", version)}) as url:
        monkeypatch.setenv("npm_config_registry", url)
        outcome = advisories.npm(lock(tmp_path))
    assert [line.partition(" ")[0] for line in outcome.problems] == ["markdown-it"]


def test_npm_finds_nothing_where_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with knowing(KNOWN) as url:
        monkeypatch.setenv("npm_config_registry", url)
        assert advisories.npm(lock(tmp_path)).word == "ok"


@pytest.mark.parametrize("known", [None, set()])
def test_npm_that_cannot_tell_says_so(
    known: set[tuple[str, str]] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with knowing(known or set(), status=200 if known is not None else 405) as url:
        monkeypatch.setenv("npm_config_registry", url)
        outcome = advisories.npm(lock(tmp_path))
    assert outcome.word == "?"
    assert outcome.unknown.startswith("npm's registry: ")
