"""Names that people give to things, and the team it is for."""

import re

from orchestration.planner.offline.reading import Said
from orchestration.planner.offline.spans import Found, Taken

_THING = (
    r"(?P<{k}>(?:databricks |storage |openai |azure openai )?(?:resource[- ]group|rg|workspace|storage account|account|cluster|pool|deployment)|"
    r"storage|it|that one|this)"
)
_NAME = r"[\"']?(?P<{v}>[a-z0-9][\w.\-()]{{0,88}}[\w)]|[a-z0-9])[\"']?"


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(
        pattern.replace("THING", _THING.format(k="k")).replace("NAME", _NAME.format(v="v"))
    )


_RULES = (
    _rule(r"\b(?:use|take|go with)\s+NAME\s+(?:as|for)\s+(?:the\s+)?(?:name (?:of|for) (?:the\s+)?)?THING(?:\s+name)?\b"),
    _rule(r"\b(?:name|call|rename)\s+(?:of\s+)?(?:the\s+|our\s+)?THING\s+(?:to\s+|as\s+|be\s+|should be\s+)?NAME"),
    _rule(r"\bTHING(?:'s)?(?:\s+name)?\s*(?:should be(?: called| named)?|(?:to be|must be|will be|is|be)(?: called| named)?|(?:is |are )?called|named|name\s*[:=]|[:=]|name is|->)\s*NAME"),
    _rule(r"\b(?:set|change|make)\s+(?:the\s+)?(?:name of (?:the\s+)?)?THING(?:\s+name)?\s+(?:to|=|as)\s+(?:be\s+)?NAME"),
    _rule(r"\bTHING\s+(?:name\s+)?NAME(?<=[a-z0-9])(?=\s*(?:$|[,;.!]|and\b|please))"),
)  # fmt: skip
_NOT_NAMES = frozenset(
    "is to the for in anymore please team be yes no and called named or but with too also instead "
    "not it a an done ready fine good ok okay bigger smaller cheaper up down there ready what which "
    "different same new old wrong right private public premium standard needed gone should must "
    "name names account workspace group cluster on off at of from into as by so if then now "
    "suggested default generated chosen automatic automatically yours derived conventional".split()
)

_TEAM = (
    re.compile(r"\bteam(?:'s)?\s+name\s*(?:is|=|:)\s*(?P<v>[a-z][\w\-]*(?:\s+[a-z][\w\-]*){0,2})\s*(?=$|[,.;!])"),
    re.compile(r"\bteam\s*(?:=|:|is\s+called|is|called|named)\s*(?:called\s+)?(?P<v>[a-z][\w\-]*(?:\s+(?!and\b|in\b|for\b|please\b|env|region|prod|dev\b|test\b|stag|with\b|on\b)[\w&\-]+){0,6})"
    ),
    re.compile(r"\b(?:for|by|from|of)\s+team\s+(?P<v>[a-z][\w\-]*)"),
    re.compile(r"\bteam\s+(?:name\s+)?to\s+(?:be\s+)?(?P<v>[a-z][\w\-]*)"),
    re.compile(r"\b(?:f[üu]r\s+(?:das\s+)?team|pour\s+l'[ée]quipe|para\s+el\s+equipo)\s+(?P<v>[a-z][a-z0-9\-]*)"),
    re.compile(r"(?:^|[,;.]\s*|\band\s+|\bis\s+|\bwe\'re\s+|\bare\s+|\bmeant\s+|\bmean\s+|\bnot\s+|\buse\s+)team\s+(?P<v>[a-z][\w\-]*)(?=\s*(?:$|[,.;!]|and\b|in\b|on\b|dev\b|prod|test\b|stag|please))"),
    re.compile(r"\b(?:for\s+(?:the\s+|our\s+|my\s+|teh\s+)?|the\s+|our\s+|we(?:'re| are)(?:\s+the|\s+in)?\s+(?:the\s+)?|it'?s\s+(?:for\s+)?(?:the\s+)?|(?:^|[,;]\s*))(?P<v>[a-z][a-z0-9&\-]*(?:\s+(?!team|group|squad|in\b|for\b|and\b|from\b)[a-z][a-z0-9&\-]*){0,2})(?:'s)?\s+(?:team|squad|department|folks|guys|crew)\b(?!\s*[=:])"),
    re.compile(r"\bfor\s+(?:the\s+|our\s+)?(?P<v>analytics|finance|marketing|risk|hr|sales|legal|pricing|operations|research|ml|security|platform|data science)\b(?!\s+(?:bot|app|workspace|job|team|use|model|train|data|run|rule|review|file))"),
)  # fmt: skip
_NOT_TEAMS = frozenset(
    "a an the our new my this their we in us prod production dev test staging resource it's it is "
    "that whole entire other another same which what no your of any for and to wants needs has will "
    "i meant mean not use should east west north south be can does size members member lead "
    "hi hello hey dear morning change set make switch rename".split()
)
_ASKED_FOR = re.compile(
    r"\b(?:add|need|want|create|another|one more|new|second|set up|deploy|get)\b[^,;.]*$"
)
"""Before a thing with a name: the thing is wanted too, and is left to be read as such."""
_KEYS = {
    "resource group": "resource_group",
    "resource-group": "resource_group",
    "rg": "resource_group",
}


def names(text: str, taken: Taken) -> list[Said]:
    """`name the resource group rg-x`; the parameter is `resource_group` or `name:<thing>`."""
    found = []
    for rule in _RULES:
        for match in rule.finditer(text):
            value = match["v"].rstrip(".,")
            if value in _NOT_NAMES or value.isdigit() or not taken.free(*match.span("v")):
                continue
            if match["k"] in ("storage", "it", "this", "account", "deployment") and not _namelike(
                match
            ):
                continue
            taken.take(
                *match.span("v") if _ASKED_FOR.search(text[: match.start()]) else match.span()
            )
            found.append(_said(match["k"], value))
    return found


def _namelike(match: re.Match[str]) -> bool:
    """Whether the words around say that this is a name: `storage is slow` is not."""
    return bool(re.search(r"\b(?:re)?name|\bcall", match.group()))


def _said(thing: str, value: str) -> Said:
    of = next((key for key in ("databricks", "openai", "storage") if thing.startswith(key)), "")
    rest = thing.removeprefix("azure openai ").removeprefix("openai ").removeprefix("databricks ")
    rest = rest.removeprefix("storage ") if rest.endswith(("group", "rg")) else rest
    if rest in _KEYS:
        return Said("resource_group", value, of)
    return Said(f"name:{rest}", value, of or ("storage" if rest == "storage account" else ""))


def team(text: str, taken: Taken) -> list[Found]:
    """The teams that are named, as slugs."""
    found: list[Found] = []
    for rule in _TEAM:
        for match in rule.finditer(text):
            words = match["v"].replace("&", " ").split()
            while words and words[0] in _NOT_TEAMS:
                words.pop(0)
            if words and words[-1] not in _NOT_TEAMS and taken.take(*match.span("v")):
                found.append(Found("-".join(words).strip("-"), *match.span("v")))
    return found
