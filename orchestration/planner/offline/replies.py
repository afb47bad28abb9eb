"""Short replies to choices that were offered: `yes`, `the first`, `2`, or words of one of them."""

import re

from orchestration.planner.offline.normal import cleaned, lowered

_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "former": 0, "latter": 1, "last": -1}
_YES = re.compile(
    r"(?:yes|yep|yeah|yup|ok|okay|sure|please|do it|do that|go ahead|correct|right|exactly)(?:[,.! ]+(?:please|do it|do that|go ahead|thanks))*[.! ]*"
)
_NUMBER = re.compile(r"(?:number |option |no\.? )?(\d)[.)]?")
_ORDINAL = re.compile(
    r"(?:the )?(first|second|third|fourth|former|latter|last)(?: (?:one|option))?"
)


def picked(text: str, offered: tuple[str, ...]) -> str:
    """The choice that is meant, empty when none or more than one could be."""
    said = lowered(cleaned(text)).strip(" .!?")
    if not offered or not said:
        return ""
    if _YES.fullmatch(said):
        return offered[0] if len(offered) == 1 else ""
    if match := _NUMBER.fullmatch(said):
        return _at(offered, int(match[1]) - 1)
    if match := _ORDINAL.fullmatch(said):
        return _at(offered, _ORDINALS[match[1]])
    if said in ("both", "all", "all of them", "both of them") and ";" in offered[-1]:
        return offered[-1]
    return _only(said, offered)


def _at(offered: tuple[str, ...], index: int) -> str:
    return offered[index] if -1 <= index < len(offered) else ""


def _only(said: str, offered: tuple[str, ...]) -> str:
    """One choice that ends in the words said: `storage` for `... for storage`."""
    words = said.removeprefix("the ").removeprefix("for ").removeprefix("the ")
    matching = [c for c in offered if re.search(rf"(?<![\w\-]){re.escape(words)}$", c.lower())]
    single = [choice for choice in matching if ";" not in choice]
    return single[0] if len(single) == 1 and len(words) > 1 else ""
