from dataclasses import fields
from pathlib import Path

import pytest

from bot.settings import BadSetting, Settings, load, secrets

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_nothing_has_to_be_set(tmp_path: Path) -> None:
    assert load({}, tmp_path) == Settings()


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "signoff.toml").write_text(
        'organisation = "file"\nstore = "f"\nprices_live = false'
    )
    settings = load(
        {"SIGNOFF_STORE": "e", "SIGNOFF_PLAN_TIMEOUT_S": "12.5", "PATH": "/bin"},
        tmp_path,
        store=Path("given"),
        log_level=None,
    )
    assert settings.organisation == "file"
    assert settings.prices_live is False
    assert settings.plan_timeout_s == 12.5
    assert settings.store == Path("given")
    assert settings.log_level == "info"


def test_another_file_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("max_jobs_per_worker = 2")
    assert load({"SIGNOFF_CONFIG": "other.toml"}, tmp_path).max_jobs_per_worker == 2
    with pytest.raises(BadSetting, match=r"'gone\.toml', which does not exist"):
        load({"SIGNOFF_CONFIG": "gone.toml"}, tmp_path)


def test_an_unknown_name_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"'plan_timeout'.*nearest is 'plan_timeout_s'"):
        load({"SIGNOFF_PLAN_TIMEOUT": "5"}, tmp_path)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"SIGNOFF_PLAN_TIMEOUT_S": "soon"}, "plan_timeout_s cannot be 'soon'; it is a number"),
        ({"SIGNOFF_PLAN_TIMEOUT_S": "nan"}, "plan_timeout_s cannot be 'nan'"),
        ({"SIGNOFF_PLAN_TIMEOUT_S": "0"}, "plan_timeout_s is 0.0; it must be 1 or more"),
        ({"SIGNOFF_MAX_JOBS_PER_WORKER": "1.5"}, "cannot be '1.5'; it is a whole number"),
        ({"SIGNOFF_PRICES_LIVE": "maybe"}, "prices_live cannot be 'maybe'; it is on or off"),
        ({"SIGNOFF_ENGINE": "cloud"}, "engine cannot be 'cloud'; it is one of embedded, address"),
        ({"SIGNOFF_ENGINE": "address"}, "engine needs engine_address"),
        ({"SIGNOFF_OPENAI_API_KEY": "sk-1"}, "openai_api_key needs openai_model"),
        ({"SIGNOFF_ENGINE_TLS_KEY_FILE": "k"}, "mutual TLS needs"),
    ],
)
def test_a_bad_value_is_named(environment: dict[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting) as refused:
        load(environment, tmp_path)
    assert says in str(refused.value)


@pytest.mark.parametrize("line", ["store = 5", "plan_timeout_s = true", "organisation = ["])
def test_a_bad_file_is_refused(line: str, tmp_path: Path) -> None:
    (tmp_path / "signoff.toml").write_text(line)
    with pytest.raises(BadSetting):
        load({}, tmp_path)


def test_secrets_are_in_no_text(tmp_path: Path) -> None:
    given = {f"SIGNOFF_{name.upper()}": "hunter2" for name in secrets()}
    settings = load(given | {"SIGNOFF_OPENAI_MODEL": "m"}, tmp_path)
    assert secrets() == {"engine_api_key", "azure_openai_api_key", "openai_api_key"}
    assert "hunter2" not in repr(settings)


def test_every_setting_is_documented() -> None:
    documented = DOCS.read_text(encoding="utf-8")
    assert [f.name for f in fields(Settings) if f"| `{f.name}` |" not in documented] == []


def test_everything_documented_is_a_setting() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    assert {row.split("`")[1] for row in rows} == {f.name for f in fields(Settings)}
