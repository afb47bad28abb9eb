"""Every tool the planner has. Deciding on an approval is not among them."""

from capabilities.capability import Catalogue
from orchestration.planner.tools import answers, arguments, drafting, wishes
from orchestration.planner.tools.tool import Tool


def toolbox(catalogue: Catalogue) -> tuple[Tool, ...]:
    return (*_looking(catalogue), *_drafting(catalogue), *_wishing())


def _drafting(catalogue: Catalogue) -> tuple[Tool, ...]:
    models = arguments.models_for(catalogue)
    update = (
        "Change the draft: add or remove steps, set or take back values that the person gave. "
        "Shared parameters (team, environment, region, budget_monthly_usd) have no step. "
        f"Parameters by capability:\n{arguments.described(catalogue)}"
    )
    return (
        Tool("update_draft", update, models.update, drafting.update_draft),
        Tool("undo", "Take back the last changes of the draft.", arguments.Undo, drafting.undo),
        Tool(
            "copy_from",
            "Start the draft from an earlier deployment ('same as last time').",
            arguments.Copy,
            drafting.copy_from,
        ),
    )


def _looking(catalogue: Catalogue) -> tuple[Tool, ...]:
    nothing = arguments.Nothing
    proposal = arguments.models_for(catalogue).proposal
    return (
        Tool("list_capabilities", "What can be set up.", nothing, answers.list_capabilities),
        Tool(
            "propose_capabilities",
            "Offer capabilities for a vague wish; the person picks.",
            proposal,
            answers.propose_capabilities,
        ),
        Tool("suggest_names", "The names the steps would get.", nothing, answers.suggest_names),
        Tool(
            "estimate_cost",
            "What the draft costs a month; in detail with what was assumed for each line.",
            arguments.Cost,
            answers.estimate_cost,
        ),
        Tool(
            "explain",
            "Why a value was chosen; who has to approve; what would be destroyed.",
            arguments.Explain,
            answers.explain,
        ),
        Tool(
            "make_cheaper",
            "Offer smaller variants of the complete draft; changes nothing.",
            arguments.Cheaper,
            answers.make_cheaper,
        ),
        Tool("status", "Where the deployment or the draft stands.", nothing, answers.status),
        Tool("history", "Earlier deployments.", nothing, answers.history),
        Tool(
            "ask_back",
            "Ask the person which reading is meant, with complete messages to choose from.",
            arguments.AskBack,
            answers.ask_back,
            ends=True,
        ),
    )


def _wishing() -> tuple[Tool, ...]:
    steps, nothing = arguments.Steps, arguments.Nothing
    return (
        Tool("submit", "The person wants the complete draft planned.", nothing, wishes.submit),
        Tool("cancel", "The person wants the deployment stopped.", steps, wishes.cancel),
        Tool("retry", "The person wants failed steps run again.", steps, wishes.retry),
        Tool("roll_back", "The person wants the former state back.", steps, wishes.roll_back),
        Tool("destroy", "The person wants what was deployed removed.", steps, wishes.destroy),
        Tool("discard", "The person wants the draft thrown away.", nothing, wishes.discard),
    )
