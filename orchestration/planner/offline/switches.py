"""What people say for values that are on or off: access, exposure, GPUs, lakes.

A phrase is read as a whole, so that what it mentions (`no public access on the storage`) is not
taken for something to add or to remove.
"""

import re
from collections.abc import Container

from orchestration.planner.offline.reading import Said
from orchestration.planner.offline.spans import Taken

_NO = re.compile(
    r"\b(?:no|not|never|nobody|nothing|without|cannot|can'?t|don'?t|doesn'?t|shouldn'?t|mustn'?t|won'?t"
    r"|needn'?t|isn'?t|aren'?t|wasn'?t|neither|remove|revoke|disconnect|detach|block|disable|forbid|deny|drop|skip|avoid|off)\b"
)
_CLAUSE = re.compile(r"[,;:!?]|\.\s|\bbut\b|\band\b|\bthen\b")
_OFF = (
    r"(?:\b(?:no|not|never|without|don'?t|doesn'?t|do not|does not|shouldn'?t|should not|mustn'?t"
    r"|must not|block|disable|forbid|deny|remove|revoke|drop|skip|avoid|turn off|switch off)\s+"
    r"(?:(?:need|want|use|have|allow|be|any|make|let|give|it|the|a)\s+){0,3})?"
)
_OUTSIDE = (
    r"(?:the )?(?:whole |entire |public )?(?:internet|public|world|outside|everyone|everybody"
    r"|anyone|anybody|all networks|anywhere|everywhere)\b"
)
_REACHED = r"(?:reachable|accessible|available|exposed|access|visible|open|connections?|traffic)"
_PUBLIC = (
    rf"{_OFF}\bpublic(?:ly)?[ -]+(?:network[ -]+)?(?:internet[ -]+)?(?:access\w*|reachable|available|exposed|facing|visible)\b"
    r"(?:\s+(?:off|on|disabled|enabled))?",
    rf"{_OFF}\bopen(?:ed)?\b(?: \w+){{0,3}}? (?:up )?(?:to|for) {_OUTSIDE}",
    rf"{_OFF}\b{_REACHED} (?:from|to|over|by|for) {_OUTSIDE}",
    rf"{_OFF}\b(?:internet|outside)[ -](?:access|facing)\b",
    r"\b(?:anyone|everyone|everybody|anybody|all networks) (?:may|can|should|could)(?: be able to)?"
    r" (?:connect|access(?: it)?|reach it|get in|use it)\b",
    rf"\b(?:nobody|no ?one|nothing)\b(?: \w+){{0,3}}? (?:from|on) {_OUTSIDE}(?: (?:should|may|can|must)(?: be able to)? (?:get in|connect|reach it|access(?: it)?))?",
    r"\b(?:make|keep|should be|must be|be|is) (?:it |them |this |everything )?(?:not )?public\b(?! (?:sector|network|ip))",
)
_PRIVATE = (
    rf"\bclosed?\b(?: (?:it|them|this|everything))? (?:off\b(?: again)?|(?:off )?(?:to|from|for) {_OUTSIDE})",
    r"\b(?:make|keep|should be|must be|be|is|stays?) (?:it |them |this |everything )?private\b",
    r"\bprivate(?: access| network)? only\b",
    r"\bno internet\b",
    r"\b(?:not|non)[ -]public\b(?! (?:sector|network|ip))",
)

_SPARK = r"(?:the )?(?:azure )?(?:databricks(?: (?:workspace|cluster))?|dbx|spark|cluster|workspace|notebooks|jobs)"
_DATA = r"(?:(?:the|our|this|that|both|these|all|my|from|to|on|of|raw|curated)\s+){0,3}(?:storage(?: accounts?)?|data lakes?|datalakes?|lakes?|data|blobs?|accounts?|containers?|files)\b"
_VERB = r"(?:access|read(?:(?:\s*(?:and|/|&|,|or)\s*)writ\w+)?|writ\w+|reach|use|mount|see|query|connect to|talk to)"
_MAY = r"(?:(?:should|must|needs?|to|be|able|can|may|not|never|have|has|is|allowed|also|cannot|can'?t|shouldn'?t|will|shall)\s+){0,5}"
_ACCESS = (
    rf"\b(?:(?:do not|don'?t|never)\s+)?(?:let|allow|enable)\s+{_SPARK}\s+(?:to\s+)?{_VERB}\s+{_DATA}",
    rf"\b{_SPARK}\s+{_MAY}{_VERB}\s+{_DATA}",
    rf"\b(?:(?:do not|don'?t|never)\s+)?(?:give|grant)\s+{_SPARK}\s+(?:[\w/]+\s+){{0,4}}?access(?:\s+(?:to|on|for)\s+{_DATA})?",
    rf"\b(?:(?:do not|don'?t|never)\s+)?(?:dis)?(?:connect|link|hook|attach|mount|wire)\s+(?:up\s+)?{_DATA}\s+(?:up\s+)?(?:to|with|into|in|on|from)\s+{_SPARK}\b",
    rf"\b(?:(?:do not|don'?t|never)\s+)?(?:dis)?(?:connect|link|hook|attach|wire)\s+(?:up\s+)?{_SPARK}\s+(?:up\s+)?(?:to|with|from)\s+{_DATA}",
    rf"{_OFF}\bdatabricks[ _]access\b(?:\s+(?:off|on))?",
    rf"{_OFF}\b(?:accessible|readable|usable|reachable) (?:for|from|by) {_SPARK}\b",
)
_GPU = (
    r"\b(?:no|without|not|don'?t|do not|doesn'?t|remove|drop|disable|avoid|skip)\s+(?:\w+\s+){0,2}?gpus?\b(?: (?:nodes?|machines?|workers?))?",
    r"\bgpus?\s*[=:]\s*(?:no|none|false|off|0)\b",
    r"\bgpus?(?: nodes?)? (?:are |is )?(?:not (?:needed|required|necessary)|unnecessary)\b",
    r"\b(?:(?:use|with|want|need|add|on)\s+)?gpus?\b(?: (?:nodes?|machines?|workers?|cluster))?",
)
_RULES: tuple[tuple[str, bool | None, tuple[str, ...]], ...] = (
    ("databricks_access", None, _ACCESS),
    ("public_network_access", None, _PUBLIC),
    ("public_network_access", False, _PRIVATE),
    ("gpu", False, (r"\bcpus?[ -]only\b", r"\bcpu nodes\b", *_GPU[:3])),
    ("gpu", True, _GPU[3:]),
    ("ml_runtime", None, (rf"{_OFF}\b(?:the )?(?:ml|machine learning) runtime\b",)),
    (
        "hierarchical_namespace",
        False,
        (
            r"\b(?:just |only )?plain blobs?(?: storage)?\b(?:,? (?:no|not a|without a?) ?(?:data )?lake\b)?",
            r"\b(?:no|not a) (?:data )?lake,? (?:but |just |only )?(?:plain )?blobs?\b",
        ),
    ),
)
_COMPILED = [(p, value, [re.compile(rule) for rule in rules]) for p, value, rules in _RULES]


_THINGS = (
    ("storage", re.compile(r"\b(?:storage|lake|data lake|blobs?)\b")),
    ("databricks", re.compile(r"\b(?:databricks|dbx|cluster|workspace)\b")),
    ("azure_openai", re.compile(r"\b(?:open ?ai|model|endpoint)\b")),
)


def _named(phrase: str) -> str:
    """The capability that a phrase names, empty when it names none or several."""
    found = [capability for capability, words in _THINGS if words.search(phrase)]
    return found[0] if len(found) == 1 else ""


def _meant(text: str, match: re.Match[str], value: bool | None) -> bool | None:
    """The value, None when a denial is itself denied (`don't make it private`)."""
    before = _CLAUSE.split(text[: match.start()])[-1]
    denied = bool(_NO.search(before))
    if value is False:
        return None if denied else False
    phrase = match.group()
    return not (denied or _NO.search(phrase) or "disconnect" in phrase)


def switches(known: Container[str], text: str, taken: Taken) -> list[Said]:
    """Every switch that is named, once; without a fixed value a negation in the phrase decides."""
    found: dict[str, Said] = {}
    for parameter, value, rules in _COMPILED:
        for rule in rules if parameter in known and parameter not in found else ():
            match = rule.search(text)
            if match and taken.take(*match.span()):
                said = _meant(text, match, value)
                of = "" if parameter == "databricks_access" else _named(match.group())
                if said is not None:
                    found[parameter] = Said(parameter, said, of)
                break
    return list(found.values())
