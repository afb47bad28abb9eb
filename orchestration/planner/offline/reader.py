"""Reads a message: rules only, pure, without the draft. What it means for a draft is `policy`."""

import re

from capabilities.capability import Catalogue
from orchestration.planner.offline.amounts import money, negative, scaling, workers
from orchestration.planner.offline.canonical import canonical
from orchestration.planner.offline.choosing import chosen
from orchestration.planner.offline.coverage import ORDINARY, unused
from orchestration.planner.offline.intents import Intent, intents_in
from orchestration.planner.offline.mentions import Capabilities
from orchestration.planner.offline.moods import asking, conditional
from orchestration.planner.offline.naming import names, team
from orchestration.planner.offline.negation import unwanted
from orchestration.planner.offline.normal import cleaned, lowered
from orchestration.planner.offline.parameters import ParameterWords
from orchestration.planner.offline.reading import Doubt, Reading, Said
from orchestration.planner.offline.spans import Found, Gazetteer, Taken
from orchestration.planner.offline.spelling import Spelling
from orchestration.planner.offline.tagging import tags
from orchestration.planner.offline.words import CAPABILITIES, ENVIRONMENTS
from orchestration.planner.places import GROUPS, region_name, spellings

_UNDO_COUNT = re.compile(r"\b(?:last|undo)\s+(two|three|four|2|3|4)\b|\b(twice)\b")
_ANY_REGION = re.compile(
    r"\b(?:any|no preference|doesn'?t matter|don'?t care|don'?t have a preference|whatever)\b.{0,25}\bregion"
    r"|\bregion\b.{0,25}\b(?:doesn'?t matter|any is fine|don'?t care|up to you|no preference|whatever)"
)
_NOT_TEST = re.compile(
    r"(?:\s+(?:the|it|whether|this|if|that|our|some|how|a|an|data|models?|out|suite|set))\b"
)
_FIGURE = re.compile(r"(?<![\w\-./:$=])\d[\d.,]*(?:k|gb|tb|%)?(?![\w\-/:=])")
_NAMED = {
    "region": re.compile(
        r"\b(?:region|location)\s*(?:is|to|=|:|should be|must be)\s+(?:in\s+)?([a-z][\w\-]{3,30})\b(?!\s+(?:same|preference))"
        r"|(?:^|\b(?:in|to|make|set|use|change|take|the)\s+)region\s+([a-z][\w\-]{3,30})(?=[,;.!]|$)"
    ),
    "environment": re.compile(
        r"\benv(?:ironment)?\s*(?:is|to|=|:|should be)\s+([a-z][\w\-]{2,30})\b"
    ),
}


class Reader:
    def __init__(self, catalogue: Catalogue, known: frozenset[str] | None = None) -> None:
        """`known` are the capability ids that can be added; the catalogue's own if not given."""
        self.catalogue = catalogue
        self.parameters = ParameterWords(catalogue)
        self._known = known if known is not None else frozenset(catalogue.ids())
        self._settable = frozenset(self.parameters.schemas) | {"budget_monthly_usd"}
        self._capabilities = Capabilities(self._known)
        self._regions = Gazetteer(spellings().items())
        self._environments = Gazetteer((w, key) for key, ws in ENVIRONMENTS.items() for w in ws)
        self._spelling = Spelling(_vocabulary())

    def read(self, text: str) -> Reading:
        """The reading of one message; empty when the rules know nothing of it."""
        raw = cleaned(text)
        exact = canonical(raw, self._settable, self._known)
        if exact is not None:
            return exact
        lower = lowered(raw)
        repaired = self._spelling.repaired(lower)
        reading = Reading(text=repaired, intents=intents_in(repaired))
        if Intent.INJECTION in reading.intents:
            return reading
        if doubt := negative(lower, raw):
            reading.doubts.append(doubt)
            return reading
        self._values(repaired, raw if len(raw) == len(repaired) else repaired, reading)
        _moods(repaired, reading)
        return reading

    def _values(self, text: str, raw: str, reading: Reading) -> None:
        taken, negated = Taken(), unwanted(text)
        reading.said += tags(text, raw, taken)
        reading.said += _cased(names(text, taken), text, raw)
        reading.said += workers(text, taken)
        reading.scale = 0.0 if reading.said else scaling(text)
        budgets, doubts = money(text, taken)
        if doubts:
            reading.doubts += doubts
        else:
            reading.said += budgets
        self._one("team", team(text, taken), text, [], reading)
        reading.said += self.parameters.find(text, raw, taken)
        negated = [span for span in negated if taken.free(span[0], span[0] + 1)]
        reading.unset += self.parameters.taken_back(text)
        reading.said = [said for said in reading.said if said.parameter not in reading.unset]
        self._one("region", self._regions.find(text, taken), text, negated, reading)
        self._groups(text, reading)
        self._one("environment", self._environment(text, taken), text, negated, reading)
        self._capabilities.find(text, negated, taken, reading)
        self._named(text, reading)
        labels = {label for wanted in reading.add for label in wanted.labels}
        reading.unused = [word for word in unused(text, taken) if word not in labels]
        reading.leftovers = [m.group() for m in _FIGURE.finditer(text) if taken.free(*m.span())]
        if count := _UNDO_COUNT.search(text):
            reading.undo = {"two": 2, "2": 2, "twice": 2, "three": 3, "3": 3}.get(
                count[1] or count[2], 4
            )

    def _environment(self, text: str, taken: Taken) -> list[Found]:
        """`test the connection` is no environment."""
        found = self._environments.find(text, taken)
        return [m for m in found if m.key != "test" or not _NOT_TEST.match(text, m.end)]

    def _one(
        self,
        parameter: str,
        mentions: list[Found],
        text: str,
        negated: list[tuple[int, int]],
        reading: Reading,
    ) -> None:
        """The value for a parameter, or a doubt with every value that was named."""
        if not mentions:
            return
        value, among = chosen(text, mentions, negated)
        if value is not None:
            reading.said.append(Said(parameter, value))
        elif len(among) > 1:
            options = " or ".join(_shown(parameter, option) for option in among)
            choices = tuple(f"set {parameter} to {option}" for option in among)
            reading.doubts.append(Doubt(f"Which {parameter} do you mean: {options}?", choices))
        else:
            reading.doubts.append(
                Doubt(f"Not {_shown(parameter, among[0])}: which {parameter} instead?")
            )

    def _groups(self, text: str, reading: Reading) -> None:
        """`Europe` is several regions; `I don't care` is none: both are asked back."""
        if reading.value("region") or any("region" in d.question for d in reading.doubts):
            return
        match = re.search(
            r"\b(?:in|to|the|somewhere|near)\s+("
            + "|".join(GROUPS)
            + r")\b(?!\s+(?:team|users))|^("
            + "|".join(GROUPS)
            + r")$",
            text,
        )
        if match:
            options = GROUPS[match[1] or match[2]]
        elif _ANY_REGION.search(text):
            options = ("eastus", "westus2", "westeurope")
        else:
            return
        reading.doubts.append(
            Doubt("Which region exactly?", tuple(f"set region to {r}" for r in options))
        )

    def _named(self, text: str, reading: Reading) -> None:
        """`the region is atlantis`: passed on, so that the validator can say what exists."""
        for parameter, rule in _NAMED.items():
            match = rule.search(text)
            known = reading.value(parameter) or any(parameter in d.question for d in reading.doubts)
            value = match and match[match.lastindex or 0]
            if value and value not in ORDINARY and not known and not conditional(text):
                reading.said.append(Said(parameter, value))


def _vocabulary() -> set[str]:
    phrases = [p for words in (*CAPABILITIES.values(), *ENVIRONMENTS.values()) for p in words]
    extra = "workers cluster nodes region resource group workspace budget cheaper account production premium standard machine learning container firewall"
    return {word for phrase in (*phrases, *spellings(), extra) for word in phrase.split()}


def _shown(parameter: str, value: str) -> str:
    return region_name(value) if parameter == "region" else value


def _cased(found: list[Said], text: str, raw: str) -> list[Said]:
    """Names in the case in which they were written."""
    result = []
    for said in found:
        at = text.find(str(said.value))
        original = raw[at : at + len(str(said.value))] if at >= 0 else str(said.value)
        result.append(Said(said.parameter, original, said.of))
    return result


_REPORT = re.compile(
    r"\b(?:had|was|were|incident|outage|issues?|problems?|slow|broken?|fail(?:s|ed|ing)?|errors?|down"
    r"|crash\w*|yesterday|last (?:week|night|month)|(?:is|does|are)(?:n'?t| not) work\w*)\b"
)
"""What is told of something that exists is no request for another one."""


def _moods(text: str, reading: Reading) -> None:
    """Questions and conditions change nothing: what they mention is offered instead."""
    if not reading.changes:
        return
    questions = {
        Intent.COST,
        Intent.BASIS,
        Intent.WHY,
        Intent.DESTROYS,
        Intent.APPROVALS,
        Intent.STATUS,
        Intent.HISTORY,
        Intent.NAMES,
    }
    if asking(text) or (questions & set(reading.intents) and text.rstrip().endswith("?")):
        _offer(reading, "", bool(reading.intents))
    elif _REPORT.search(text) and not (reading.said or reading.remove or reading.intents):
        _offer(
            reading, "I set up infrastructure and cannot look into that. Do you want this?", False
        )
    elif conditional(text):
        _offer(reading, "I cannot keep a condition. Shall I do this now?", False)


def _offer(reading: Reading, question: str, answered: bool) -> None:
    parts = [f"set {s.parameter} to {s.value}" for s in reading.said if ":" not in s.parameter]
    parts += [f"add {w.capability}" for w in reading.add]
    parts += [f"remove {r}" for r in reading.remove]
    reading.asked_about = [s.parameter for s in reading.said]
    reading.said, reading.add, reading.remove = [], [], []
    if not answered:
        asked = question or "Is that a question, or shall I change it?"
        reading.doubts.append(Doubt(asked, ("; ".join(parts),) if parts else ()))
