import re
from dataclasses import fields
from pathlib import Path

import pytest

from bot.settings import BadSetting, Settings, load, secrets

GUID = "99999999-0000-0000-0000-000000000000"
SLACK = {"BOT": "xoxb", "APP": "xapp"}
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


def test_an_unknown_name_that_is_like_no_other_is_refused_with_the_page(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"no setting 'colour'\. docs/settings\.md has them all"):
        load({"SIGNOFF_COLOUR": "red"}, tmp_path)
    assert DOCS.exists()


@pytest.mark.parametrize(
    ("name", "start"), [("SLACK_BOT_TOKEN", "xoxb-"), ("SLACK_APP_TOKEN", "xapp-")]
)
@pytest.mark.parametrize("given", ["xoxp-12345", "Bearer 12345", "'xoxb-12345'", "xapp 12345"])
def test_another_kind_of_token_is_refused_and_not_told(
    tmp_path: Path, name: str, start: str, given: str
) -> None:
    with pytest.raises(BadSetting, match=f"{name.lower()} is another.*with '{start}'") as refused:
        load({f"SIGNOFF_{name}": given}, tmp_path)
    assert "12345" not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"SIGNOFF_PLAN_TIMEOUT_S": "soon"}, "plan_timeout_s cannot be 'soon'; it is a number"),
        ({"SIGNOFF_PLAN_TIMEOUT_S": "nan"}, "plan_timeout_s cannot be 'nan'"),
        ({"SIGNOFF_PLAN_TIMEOUT_S": "0"}, "plan_timeout_s is 0.0; it must be 1 or more"),
        ({"SIGNOFF_MAX_JOBS_PER_WORKER": "1.5"}, "cannot be '1.5'; it is a whole number"),
        ({"SIGNOFF_PRICES_LIVE": "maybe"}, "prices_live cannot be 'maybe'; it is on or off"),
        ({"SIGNOFF_ENGINE": "cloud"}, "engine cannot be 'cloud'; it is one of embedded, address"),
        ({"SIGNOFF_ENGINE": "address"}, "engine 'address' needs engine_address"),
        ({"SIGNOFF_ENGINE_ADDRESS": "cluster"}, "cannot be 'cluster'; it is HOST:PORT, such as"),
        ({"SIGNOFF_ENGINE_ADDRESS": "http://a:7233"}, "engine_address cannot be 'http://a:7233'"),
        ({"SIGNOFF_OPENAI_API_KEY": "sk-1"}, "openai_api_key needs openai_model"),
        ({"SIGNOFF_ENGINE_TLS_KEY_FILE": "k"}, "engine_tls_key_file needs engine_tls_cert_file"),
        ({"SIGNOFF_ENGINE_TLS_CERT_FILE": "k"}, "engine_tls_cert_file needs engine_tls_key_file"),
        ({"SIGNOFF_AZURE_OPENAI_ENDPOINT": "https://a"}, "needs azure_openai_deployment"),
        ({"SIGNOFF_SLACK_CLIENT_ID": "1.2"}, "slack_client_id needs slack_client_secret"),
        ({"SIGNOFF_SLACK_CLIENT_SECRET": "x"}, "slack_client_secret needs slack_client_id"),
        ({"SIGNOFF_GRAPH_TENANT_ID": GUID}, "graph_tenant_id needs directory_file"),
        ({"SIGNOFF_GRAPH_CLIENT_ID": GUID}, "graph_client_id needs graph_tenant_id"),
        ({"SIGNOFF_GRAPH_CLIENT_SECRET": "x"}, "graph_client_secret needs graph_client_id"),
        ({"SIGNOFF_GRAPH_TENANT_ID": "contoso.com"}, "cannot be 'contoso.com'; it is the tenant's"),
        ({"SIGNOFF_TEAMS_TENANT_ID": "common"}, "teams_tenant_id cannot be 'common'; it is the"),
        ({"SIGNOFF_SIGN_IN": "google"}, "sign_in 'google' needs sign_in_client_id"),
        (
            {"SIGNOFF_SIGN_IN": "entra", "SIGNOFF_SIGN_IN_CLIENT_ID": GUID},
            "sign_in 'entra' needs sign_in_issuer",
        ),
        ({"SIGNOFF_SIGN_IN_CLIENT_SECRET": "x"}, "sign_in_client_secret needs sign_in_client_id"),
        ({"SIGNOFF_LINK_KEY": "short"}, "link_key is too short"),
        ({"SIGNOFF_LINK_VALID_S": "59"}, "link_valid_s is 59.0; it must be 60 or more"),
        ({"SIGNOFF_PORT": "-1"}, "port is -1; it must be 0 or more"),
        ({"SIGNOFF_WORK_PORT": "65536"}, "work_port is 65536; it must be 65535 or less"),
        ({"SIGNOFF_OPERATIONS_PORT": "-1"}, "operations_port is -1; it must be 0 or more"),
        ({"SIGNOFF_DRAIN_S": "-1"}, "drain_s is -1.0; it must be 0 or more"),
        ({"SIGNOFF_LOG_TO": "stderr"}, "log_to cannot be 'stderr'; it is one of folder, stdout"),
        ({"SIGNOFF_PORT": "65536"}, "port is 65536; it must be 65535 or less"),
        ({"SIGNOFF_PUBLIC_URL": "bot.example"}, "public_url cannot be 'bot.example'; it is https"),
        ({"SIGNOFF_PUBLIC_URL": "http://bot.example"}, "public_url cannot be"),
        ({"SIGNOFF_PUBLIC_URL": "https:///x"}, "public_url cannot be"),
        ({"SIGNOFF_PUBLIC_URL": "https://bot.example/?x=1"}, "public_url cannot be"),
        (
            {"SIGNOFF_TEAMS_LOCAL": "on", "SIGNOFF_HOST": "0.0.0.0"},
            "teams_local believes whoever writes, so host cannot be '0.0.0.0'",
        ),
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


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "cloud 'azure' needs state_accounts"),
        ({"state_accounts": "stacme"}, "subscription_id cannot be '00000000-"),
        ({"state_accounts": "stacme", "subscription_id": "mine"}, "subscription_id cannot be 'mi"),
    ],
)
def test_real_resources_need_a_state_that_lasts_and_a_subscription(
    given: dict[str, str], why: str
) -> None:
    with pytest.raises(BadSetting, match=why):
        Settings(cloud="azure", **given)  # type: ignore[arg-type]
    assert Settings(cloud="azure", state_accounts="stacme", subscription_id=GUID)


def test_secrets_are_in_no_text(tmp_path: Path) -> None:
    given = {f"SIGNOFF_{name.upper()}": "hunter2" * 5 for name in secrets()}
    given |= {f"SIGNOFF_SLACK_{kind}_TOKEN": f"{start}-hunter2" for kind, start in SLACK.items()}
    given |= {"SIGNOFF_OPENAI_MODEL": "m", "SIGNOFF_SLACK_CLIENT_ID": "1.2"}
    given |= {"SIGNOFF_COSMOS_URL": "https://acme.documents.azure.com"}
    given |= {"SIGNOFF_GRAPH_TENANT_ID": GUID, "SIGNOFF_GRAPH_CLIENT_ID": GUID}
    given |= {"SIGNOFF_DIRECTORY_FILE": "people.toml", "SIGNOFF_SIGN_IN_CLIENT_ID": "c"}
    given |= {"SIGNOFF_COSMOS_URL": "https://c.documents.azure.com"}
    assert "hunter2" not in repr(load(given, tmp_path))


def test_a_secret_has_no_newline_at_its_end_and_other_text_stays_as_it_is(tmp_path: Path) -> None:
    given = {f"SIGNOFF_{name.upper()}": "value" for name in ("cosmos_url", "openai_model")}
    given |= {f"SIGNOFF_{name.upper()}": f"{'x' * 40}\n" for name in ("link_key", "cosmos_key")}
    found = load({**given, "SIGNOFF_TEAMS_APP_ID": " a"}, tmp_path)
    assert (found.link_key, found.cosmos_key, found.teams_app_id) == ("x" * 40, "x" * 40, " a")
    blank = load({"SIGNOFF_LINK_KEY": "\n"}, tmp_path)
    assert blank.link_key == ""


def test_what_is_called_a_key_a_secret_a_token_or_a_password_is_one() -> None:
    telling = re.compile("_(key|secret|token|password)$")
    assert secrets() == {f.name for f in fields(Settings) if telling.search(f.name)}


def test_every_secret_is_marked_as_one_on_the_page() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    marked = {row.split("`")[1] for row in rows if row.split("|")[3].startswith(" secret")}
    assert marked == secrets()


def test_the_page_has_the_defaults() -> None:
    rows = [line.split("|") for line in DOCS.read_text("utf-8").splitlines() if line[:3] == "| `"]
    shown = {row[1].strip(" `"): row[2].strip(" `") for row in rows}
    described = {"terraform_binary", "subscription_id", "directory_file", "policy_file"}
    for each in fields(Settings):
        if each.name not in described:
            assert shown[each.name] == _written(each.default), each.name


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float) and value == int(value) and value != 1.0:
        return str(int(value))
    return "" if value is None else str(value)


def test_every_setting_is_documented() -> None:
    documented = DOCS.read_text(encoding="utf-8")
    assert [f.name for f in fields(Settings) if f"| `{f.name}` |" not in documented] == []


def test_everything_documented_is_a_setting() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    assert {row.split("`")[1] for row in rows} == {f.name for f in fields(Settings)}
