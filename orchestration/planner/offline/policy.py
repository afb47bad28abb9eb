"""What to do with a reading in a situation. Pure: the same message always gets the same plan."""

import re

from capabilities.capability import SHARED, Catalogue
from orchestration.planner.offline.draftplan import drafted, scaled
from orchestration.planner.offline.guessing import guessed, not_understood, numbered
from orchestration.planner.offline.intents import Intent
from orchestration.planner.offline.pieces import read
from orchestration.planner.offline.plan import Plan
from orchestration.planner.offline.purposes import NOT_PURPOSES, SLUG
from orchestration.planner.offline.reader import Reader
from orchestration.planner.offline.reading import Doubt, Reading, Said, Wanted
from orchestration.planner.offline.replies import picked
from orchestration.planner.offline.situation import Situation
from orchestration.planner.offline.smalltalk import small_talk
from orchestration.planner.wording import shown

_LOOKS = {
    Intent.COST: "estimate_cost",
    Intent.STATUS: "status",
    Intent.HISTORY: "history",
    Intent.NAMES: "suggest_names",
    Intent.SHOW: "status",
    Intent.HELP: "list_capabilities",
}
_WISHES = {
    Intent.SUBMIT: "submit",
    Intent.CANCEL: "cancel",
    Intent.RETRY: "retry",
    Intent.ROLL_BACK: "roll_back",
    Intent.DESTROY: "destroy",
    Intent.DISCARD: "discard",
}


def planned(text: str, situation: Situation, reader: Reader) -> Plan:
    """The plan for one message."""
    meant = picked(text, situation.offered)
    reading = read(meant or text, situation, reader)
    plan = Plan()
    if Intent.INJECTION in reading.intents:
        plan.remark(small_talk(reading))
    elif Intent.DECIDE in reading.intents:
        plan.remark("Approving and rejecting happen with the buttons on the card, never in text.")
    else:
        _act(reading, situation, reader.catalogue, plan)
    if not plan.stages and not plan.remarks:
        _unknown(reading, situation, reader, plan)
    _keep_remarks(plan)
    return plan


def _keep_remarks(plan: Plan) -> None:
    """A question ends the turn, so that what else was to be said goes into it."""
    for stage in plan.stages:
        for name, arguments in stage:
            if name == "ask_back" and plan.remarks:
                asked = " ".join((*plan.remarks, arguments["question"]))
                arguments["question"] = asked[:400]
                plan.remarks = []


def _act(reading: Reading, situation: Situation, catalogue: Catalogue, plan: Plan) -> None:
    steps = _steps_meant(reading, situation)
    _another(reading, situation)
    _copy(reading, plan)
    doubts = _change(reading, situation, catalogue, plan)
    doubts += _unread(reading, catalogue)
    _look(reading, situation, plan)
    _wish(reading, situation, plan, steps if not doubts else None)
    if reading.unsupported:
        plan.remark(_unsupported(reading, catalogue))
    if reading.proposed and not reading.add:
        plan.then("propose_capabilities", capabilities=reading.proposed)
    elif doubts:
        _ask(doubts, plan)


_HERE = Doubt(
    "I can only take back what this thread deployed, whatever it is. Do you mean that?",
    ("tear it down", "roll it back"),
)


def _steps_meant(reading: Reading, situation: Situation) -> list[str]:
    """`retry databricks` names a step of the deployment and changes nothing in the draft."""
    running = {Intent.RETRY, Intent.ROLL_BACK, Intent.DESTROY}
    running |= {Intent.CANCEL} if situation.deployment_open else set()
    if not running & set(reading.intents):
        if reading.remove and Intent.CANCEL in reading.intents:
            reading.intents.remove(Intent.CANCEL)
        return []
    if Intent.RETRY not in reading.intents:
        scoped = [said for said in reading.said if said.parameter in SHARED] or reading.doubts
        reading.said = [said for said in reading.said if said.parameter not in SHARED]
        reading.doubts = [_HERE] if scoped else []
    steps = [wanted.capability for wanted in reading.add] + reading.remove
    reading.add, reading.remove = [], []
    return steps


_INSTEAD = ("team", "environment", "region")
_SOURCE = re.compile(
    r"\b(?:as|like|of|from) (?:the )?team [\w-]+|\bteam (?:has|had|did|used|uses|got)\b|'s team\b"
    r"|\b(?:did|deployed|made|built) for\b"
)
"""`like team risk`: the team is whose deployment is copied, not for whom."""


_ANOTHER = re.compile(
    rf"\b(?:another|one more|a second)\s+(?:one|of (?:them|those|these))\b(?:\s+for\s+(?:the\s+)?(?P<p>{SLUG}))?"
)


def _another(reading: Reading, situation: Situation) -> None:
    """`add another one for backups`: one more of the kind that came last."""
    match = _ANOTHER.search(reading.text)
    if match and situation.steps and not reading.add:
        label = match["p"] or ""
        labels = (label,) if label and label not in NOT_PURPOSES else ()
        capability = list(situation.steps.values())[-1]
        reading.add.append(Wanted(capability, labels=labels, another=True))


def _copy(reading: Reading, plan: Plan) -> None:
    if Intent.COPY in reading.intents and _SOURCE.search(reading.text) and reading.value("team"):
        plan.then("copy_from", words=str(reading.value("team")))
        reading.said = [said for said in reading.said if said.parameter != "team"]
    elif Intent.COPY in reading.intents:
        by = re.search(
            r"\bas (?:what )?([a-z]+)(?:'s| did| had| used)|\b([a-z]+)'s (?:last|setup|deployment)",
            reading.text,
        )
        name = (by[1] or by[2]) if by else ""
        instead = {s.parameter: s.value for s in reading.said if s.parameter in _INSTEAD}
        reading.said = [said for said in reading.said if said.parameter not in instead]
        plan.then("copy_from", words="" if name in ("we", "i", "you", "it") else name, **instead)


def _change(
    reading: Reading, situation: Situation, catalogue: Catalogue, plan: Plan
) -> list[Doubt]:
    """One update of the draft; what is unclear in it is returned as doubts."""
    if Intent.UNDO in reading.intents and not reading.said:
        plan.then("undo", turns=reading.undo)
        return []
    if Intent.COPY in reading.intents:
        reading.said, kept = [s for s in reading.said if s.parameter in SHARED], reading.said
        for said in kept:
            if said.parameter not in SHARED:
                plan.remark("Say what else to change once it is copied.")
    change = drafted(reading, situation, catalogue)
    if change.arguments:
        plan.then("update_draft", **change.arguments)
    for remark in change.remarks:
        plan.remark(remark)
    if reading.leftovers and reading.changes:
        plan.remark(f"I did not read {', '.join(reading.leftovers)}; say what it is for.")
    if reading.unread:
        plan.remark(f"I made nothing of `{'; '.join(reading.unread)}`.")
    if reading.unused and reading.changes and not reading.intents:
        plan.remark(f"I made nothing of `{' '.join(reading.unused)}`.")
    return [*reading.doubts, *change.doubts, *scaled(reading.scale, situation)]


def _unread(reading: Reading, catalogue: Catalogue) -> list[Doubt]:
    """A need was voiced, but no rule knows for what: the classifier's guess is asked back."""
    voiced = re.search(
        r"\b(?:need|want|looking for|set up|would like|'d like)\b.{8,}", reading.text
    )
    other = (
        reading.add or reading.remove or reading.unsupported or reading.proposed or reading.doubts
    )
    if not voiced or other or reading.intents or len(reading.text.split()) < 5:
        return []
    doubt = guessed(reading.text, catalogue, only_capabilities=True)
    return [doubt] if doubt else []


def _look(reading: Reading, situation: Situation, plan: Plan) -> None:
    if Intent.CHEAPER in reading.intents:
        target = reading.value("budget_monthly_usd")
        plan.then("make_cheaper", **({"target_monthly_usd": target} if target else {}))
    if Intent.BASIS in reading.intents:
        plan.then("estimate_cost", detail=True)
    if Intent.APPROVALS in reading.intents:
        plan.then("explain", about="approvals")
    if Intent.DESTROYS in reading.intents:
        plan.then("explain", about="destroys")
    if Intent.WHY in reading.intents:
        _why(reading, situation, plan)
    for parameter in reading.asked_about if not reading.intents else ():
        for step in [s for s, values in situation.values.items() if parameter in values]:
            shared = {} if parameter in SHARED else {"step": step}
            plan.then("explain", about="value", parameter=parameter, **shared)
    for intent, tool in _LOOKS.items():
        if intent in reading.intents and not reading.changes:
            plan.then(tool)


def _why(reading: Reading, situation: Situation, plan: Plan) -> None:
    """Explains the value that the question names by its parameter or by itself."""
    text = reading.text.rstrip("?")
    for step, values in situation.values.items():
        for parameter, value in values.items():
            if _asked_about(text, parameter, value):
                shared = {} if parameter in SHARED else {"step": step}
                plan.then("explain", about="value", parameter=parameter, **shared)
                return
    plan.remark("Ask about one value, for example `why this node type?`.")


def _asked_about(text: str, parameter: str, value: object) -> bool:
    if parameter == "node_type" and re.search(r"\bgpus?\b", text):
        return True
    names = {parameter.replace("_", " "), parameter.rsplit("_", 1)[-1]}
    spelled = {str(value).lower(), shown(parameter, str(value)).lower()}
    words = names | {word for word in spelled if len(word) > 2}
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) for word in words)


def _wish(reading: Reading, situation: Situation, plan: Plan, steps: list[str] | None) -> None:
    """Wishes of the person; none when something in the same message is unclear."""
    if Intent.LATER in reading.intents:
        plan.remark("I cannot schedule that yet; I can do it now.")
        now = (
            "tear it down"
            if re.search(r"tear|destroy|delete|remove|shut|take", reading.text)
            else "looks good, submit it"
        )
        plan.then("ask_back", question="Shall I do it now?", choices=[now])
        return
    if Intent.HOLD in reading.intents and not reading.changes:
        plan.remark("Nothing is submitted until you say so.")
        return
    for intent, tool in _WISHES.items():
        if (
            intent in reading.intents
            and steps is not None
            and not (intent is Intent.SUBMIT and _busy(plan))
        ):
            _one_wish(intent, tool, situation, reading, plan, steps)
            return


def _busy(plan: Plan) -> bool:
    """`ok, what does it cost?` is no wish to submit."""
    return any(name != "update_draft" for stage in plan.stages for name, _ in stage)


def _one_wish(
    intent: Intent,
    tool: str,
    situation: Situation,
    reading: Reading,
    plan: Plan,
    steps: list[str],
) -> None:
    if intent is Intent.SUBMIT and situation.blank and not reading.changes:
        plan.remark("There is nothing to submit yet: say what you need.")
    elif intent is Intent.SUBMIT and situation.offered and Intent.YES in reading.intents:
        plan.then("ask_back", question="Which one?", choices=list(situation.offered))
    elif intent is Intent.DESTROY and situation.drafting:
        choices = ["discard the draft", "tear it down"]
        plan.then("ask_back", question="The draft, or what was deployed?", choices=choices)
    elif intent is Intent.DISCARD and situation.blank:
        plan.remark("There is no draft; nothing was changed.")
    else:
        plan.then(tool, **({"steps": steps} if steps else {}))


def _ask(doubts: list[Doubt], plan: Plan) -> None:
    question = " ".join(dict.fromkeys(doubt.question for doubt in doubts))
    choices = [choice for doubt in doubts for choice in doubt.choices if len(choice) <= 200]
    plan.then("ask_back", question=question[:300], choices=choices[:6])


def _unsupported(reading: Reading, catalogue: Catalogue) -> str:
    titles = ", ".join(capability.title for capability in catalogue.capabilities.values())
    names = " or ".join(dict.fromkeys(reading.unsupported))
    return f"I cannot set up {names}; what exists: {titles}."


def _unknown(reading: Reading, situation: Situation, reader: Reader, plan: Plan) -> None:
    """A short answer to the question that is open, small talk, or an honest `not understood`."""
    answer = _bare_answer(reading.text, situation) if not reading.intents else None
    if answer:
        step = {} if answer.parameter in SHARED else {"step": answer.of}
        plan.then(
            "update_draft",
            set_values=[{"parameter": answer.parameter, "value": answer.value, **step}],
        )
        return
    doubt = None
    if not reading.intents:
        doubt = numbered(reading.text, situation) or guessed(reading.text, reader.catalogue)
    if doubt:
        _ask([doubt], plan)
    elif reading.intents:
        plan.remark(small_talk(reading))
    else:
        _ask([not_understood(situation)], plan)


_BARE = re.compile(r"(?:(?:it'?s|the|for|use|call it|say|please|team)\s+)*([a-z][a-z0-9-]{1,19})")
_NO_ANSWER = frozenset(
    "what why how who when where huh hmm maybe later nothing idk dunno help test sure lol wow cool nice "
    "hi hello hey bye good bad great the and you bot joke weather sorry oops wait".split()
)


def _bare_answer(text: str, situation: Situation) -> Said | None:
    """One word is the answer to the open question for a team; other values speak for themselves."""
    if not situation.missing:
        return None
    asked = situation.missing[0]
    match = _BARE.fullmatch(text.strip(" .!"))
    if asked["parameter"] != "team" or match is None or match[1] in _NO_ANSWER:
        return None
    return Said("team", match[1], str(asked["step"]))
