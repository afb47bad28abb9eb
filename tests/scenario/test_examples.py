"""Every script in examples/, what Signoff must be able to talk about: through the real command, in
Teams and in Slack. The scripts and what is expected of them are the same everywhere."""

from pathlib import Path

import pytest

from tests.scenario.surfaces import SURFACES, Play, player
from tests.scenario.transcript import EXAMPLES, Transcript, kinds, labels, values, words

WORKSPACE = [
    "azurerm_databricks_access_connector",
    "azurerm_databricks_workspace",
    "azurerm_resource_group",
    "databricks_cluster",
    "databricks_cluster_policy",
    "databricks_instance_pool",
]
ACCOUNT = ["azurerm_resource_group", "azurerm_storage_account", "azurerm_storage_container"]


@pytest.fixture(
    scope="module", params=[pytest.param(s, marks=pytest.mark.xdist_group(s)) for s in SURFACES]
)
def play(request: pytest.FixtureRequest) -> Play:
    return player(request.param)


@pytest.fixture(scope="module")
def drafts(play: Play, tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    """The conversations in which nothing is submitted, one after the other."""
    return play(
        "corrections",
        "budget",
        "not-requests",
        "discard",
        store=tmp_path_factory.mktemp("drafts"),
    )


@pytest.fixture(scope="module")
def decided(play: Play, tmp_path_factory: pytest.TempPathFactory) -> Transcript:
    """Conversations about who decides, each on a workspace of its own."""
    examples = ("rejection", "counter", "dev-alone", "roll-back")
    return play(*examples, store=tmp_path_factory.mktemp("decided"))


def test_a_production_workspace_is_asked_for_signed_off_and_announced(
    play: Play, tmp_path: Path
) -> None:
    chat = play("product", store=tmp_path)
    first, [draft] = chat.cards("draft")[0], chat.shown("draft")
    assert "Which Azure region" in first["lead"]
    assert "East US" in labels(first)
    assert "GPU" in words(first)
    wanted = {"resource_group": "rg-ml-team-prod", "min_workers": 1, "max_workers": 4}
    assert wanted.items() <= values(draft).items()
    assert values(draft)["sku"] == "premium"
    assert draft["steps"][0]["parameters"]["max_workers"]["provenance"] == "said by ana"
    plan = chat.card("deployment", "Approve")
    assert plan["lead"] == "Waiting for sign-off by olga or omar (platform), and by mia (finance)."
    assert "production needs a platform approver other than the requester" in words(plan)
    assert "above $1,000 a month" in words(plan)
    assert "+6 ~0 -0" in words(plan)
    [notice] = chat.notices
    assert notice.startswith("Databricks workspace for ml, production is up · dbw-ml-prod https://")
    assert "a month" in notice
    assert notice.endswith("asked by ana, approved by mia and omar")
    assert kinds(chat.sandbox()) == WORKSPACE
    [audit] = chat.shown("audit")
    assert audit["intact"]
    assert [event["action"] for event in audit["events"]].count("approve") == 2


def test_several_capabilities_are_one_request_with_a_step_each(play: Play, tmp_path: Path) -> None:
    chat = play("several", store=tmp_path)
    first, chosen = chat.shown("draft")
    assert [step["capability"] for step in first["steps"]].count("storage") == 2
    assert "azure_openai" in [step["capability"] for step in first["steps"]]
    assert [step["capability"] for step in chosen["steps"]] == ["databricks", "storage", "storage"]
    assert len({values(chosen, n)["resource_group"] for n in range(3)}) == 3
    decided = [decision["step"] for decision in chat.shown("deployment")[0]["decisions"]]
    assert decided[0] == "databricks"
    assert sorted(decided[1:]) == ["storage", "storage-2"]
    assert kinds(chat.sandbox()) == sorted(WORKSPACE + ACCOUNT + ACCOUNT)


def test_values_are_changed_asked_about_and_taken_back(drafts: Transcript) -> None:
    chat = drafts.of("corrections")
    undone, by_ben, back = chat.shown("draft")
    corrected = {"region": "eastus2", "min_workers": 2, "max_workers": 6}
    assert corrected.items() <= values(undone).items()
    assert any("no GPU needed" in text for text in chat.messages())
    stop = by_ben["steps"][0]["parameters"]["autotermination_minutes"]
    assert (stop["value"], stop["provenance"]) == (30, "said by ben")
    assert values(back) == values(undone)


def test_over_the_budget_what_would_fit_is_offered(drafts: Transcript) -> None:
    chat = drafts.of("budget")
    over = chat.card("draft", "Over the budget")
    assert "Budget: $1,000 a month" in words(over)
    assert len(chat.choices()[-1]) > 1
    assert chat.shown("draft")[0]["cost"]["monthly_usd"] <= 1000


def test_what_is_no_request_changes_nothing(drafts: Transcript) -> None:
    chat = drafts.of("not-requests")
    before, after = chat.shown("draft")
    assert before == after
    assert all(len(text) < 500 for text in chat.messages())
    assert chat.cards("deployment") == []


def test_a_discarded_request_takes_no_more_clicks(drafts: Transcript) -> None:
    chat = drafts.of("discard")
    assert chat.card("draft", "Closed")["buttons"] == []
    assert "That request is closed" in chat.messages(to="ana")[-1]
    assert [step["capability"] for step in chat.shown("draft")[0]["steps"]] == ["azure_openai"]
    assert chat.cards("deployment") == []


def test_a_wish_that_cannot_be_carried_out_is_not_promised_first(drafts: Transcript) -> None:
    said = drafts.of("discard").messages()
    assert "There is no deployment in this thread yet." in said
    assert not any("Planning the removal" in text for text in said)


def test_clicks_that_do_not_count_say_why_and_a_rejection_ends_it(decided: Transcript) -> None:
    chat = decided.of("rejection")
    own, viewer, not_yours = (chat.messages(to=who)[0] for who in ("ana", "vic", "sam"))
    assert "someone other than the requester" in own
    assert "olga, omar or mia could" in own
    assert "Viewers can look but not decide" in viewer
    assert "not yours to give" in not_yours
    assert "approved this already" in chat.messages(to="mia")[0]
    assert "needs a reason" in chat.messages(to="omar")[0]
    assert "two workers are plenty for core" in words(chat.card("deployment", "omar rejected"))
    assert "rejected by omar: two workers are plenty" in chat.notices[0]
    assert "approved" not in chat.notices[0]
    assert "approved by omar and mia" in chat.notices[1]
    assert chat.shown("audit")[0]["intact"]


def test_a_change_while_others_decide_shows_them_only_what_differs(decided: Transcript) -> None:
    chat = decided.of("counter")
    again = chat.card("deployment", "Only this differs")
    assert again["lead"].startswith("Waiting for sign-off by olga or omar (platform), and by mia")
    assert "- max_workers 8 -> 2" in words(again)
    assert "- node_type" not in words(again)
    assert "plan has changed since this card was drawn" in chat.messages(to="mia")[0]
    assert "approved by omar and mia" in chat.notices[0]


def test_a_failed_step_is_retried_alone(play: Play, tmp_path: Path) -> None:
    chat = play("failure", store=tmp_path)
    partly, done = chat.shown("deployment")
    assert [step["state"]["kind"] for step in partly["steps"]] == ["succeeded", "failed"]
    failed = chat.card("deployment", "Retry what failed")
    assert "Quota exceeded: 250 storage accounts in eastus" in words(failed)
    assert "Roll back" in labels(failed)
    assert done["state"] == "succeeded"
    assert done["steps"][0]["plan"]["number"] == 1
    assert len(done["decisions"]) == 4, "what was signed off still holds"
    assert kinds(chat.sandbox()) == sorted(WORKSPACE + ACCOUNT)


def test_an_apply_is_cancelled_and_gone_on_with_later(play: Play, tmp_path: Path) -> None:
    chat = play("cancel", store=tmp_path, speed=1.0)
    stopped = chat.card("deployment", "Cancelled on the way")
    assert "What it had made by then is still there" in words(stopped)
    assert labels(stopped) == ["Retry", "Roll back"]
    assert len(chat.sandbox(0)) < len(WORKSPACE)
    assert kinds(chat.sandbox()) == WORKSPACE


def test_nothing_is_lost_or_done_twice_when_signoff_is_restarted(
    play: Play, tmp_path: Path
) -> None:
    chat = play("restarts", store=tmp_path, speed=0.3)
    assert values(chat.shown("draft")[0])["region"] == "eastus"
    [deployment] = chat.shown("deployment")
    assert deployment["state"] == "succeeded"
    assert [decision["by"] for decision in deployment["decisions"]] == ["lena"]
    assert kinds(chat.sandbox()) == WORKSPACE


def test_production_is_torn_down_only_when_confirmed_at_that_moment(
    play: Play, tmp_path: Path
) -> None:
    chat = play("destroy", store=tmp_path)
    assert any("Tearing it down would destroy" in text for text in chat.messages())
    assert "storage account" in words(chat.card("deployment", "This destroys"))
    confirm = chat.card("deployment", "Confirm")
    assert confirm["lead"] == "Waiting to be confirmed once more by olga or omar (platform)."
    assert sum("someone other than the requester" in t for t in chat.messages(to="ana")) == 2
    assert chat.notices[-1].startswith("Destroy Storage account for core, production: done")
    assert chat.notices[-1].endswith("approved by omar and olga")
    assert chat.sandbox() == []


def test_a_change_is_rolled_back_to_the_version_before(decided: Transcript) -> None:
    chat = decided.of("roll-back")
    change, back, done = chat.shown("deployment")
    assert values(change)["max_workers"] == 5
    assert change["steps"][0]["plan"]["add"] == 0
    assert "autoscale.max_workers 2 -> 5" in words(chat.card("deployment", "Changes cluster"))
    assert back["purpose"] == "roll_back"
    assert back["steps"][0]["plan"]["change"] == change["steps"][0]["plan"]["change"]
    assert done["state"] == "succeeded"
    assert values(done)["max_workers"] == 2
    assert "Roll back Databricks workspace for lab, dev: done" in chat.notices[-1]


def test_a_small_thing_in_dev_is_confirmed_alone_and_repeated_elsewhere(
    decided: Transcript,
) -> None:
    chat = decided.of("dev-alone")
    assert chat.card("deployment", "Approve")["lead"] == "Waiting for sign-off by ana."
    assert "ana could" in chat.messages(to="ben")[0]
    assert chat.notices[0].endswith("asked by ana, approved by ana")
    [again] = decided.of("later").shown("draft")
    assert values(again)["region"] == "westeurope"
    assert values(again)["model"] == "gpt-4o-mini"
    assert again["steps"][0]["parameters"]["team"]["provenance"].startswith("copied from d-")


def test_one_workspace_takes_one_job_at_a_time_and_shows_the_queue(
    play: Play, tmp_path: Path
) -> None:
    chat = play("queue", store=tmp_path, speed=1.0)
    queued = chat.of("second").card("deployment", "in the queue")
    assert "number 2 in the queue, behind dbw-lab-dev of d-" in queued["lead"]
    deployment = chat.of("second").shown("deployment")[0]
    assert deployment["state"] == "succeeded"
    assert [d["by"] for d in deployment["decisions"]] == ["lena", "lena"]
    assert kinds(chat.sandbox()) == WORKSPACE


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.chat")), ids=lambda path: path.stem)
def test_an_example_says_what_it_is_about_and_is_played(script: Path) -> None:
    assert script.read_text(encoding="utf-8").startswith("# ")
    assert f'"{script.stem}"' in Path(__file__).read_text(encoding="utf-8")
