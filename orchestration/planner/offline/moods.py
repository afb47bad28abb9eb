"""Whether a message asks or supposes rather than says."""

import re

_ASKING = re.compile(
    r"^(?:and |but |so |hm+,? |ok,? )?(?:should|do (?:we|i|you)|does|did|is|are|was|were|why|what|which|how (?!about)|when|who|where|has|have|had|would it|will it)\b(?! about)"
)
_WONDERING = re.compile(
    r"^(?:and |but |so |hm+,? |ok,? )?(?:what|which|why|how|who|where)(?:'s|'re)?\b(?! about| (?:i|we|you)(?:'d)? (?:need|want|would|like))"
)
_ASKED_FOR = re.compile(r"^(?:do you (?:have|offer|support)|how about|what about|is it possible)")
_CONDITION = re.compile(
    r"\b(?:if|unless|in case|provided that|assuming|depending on|only when|as long as)\b(?! (?:possible|you (?:can|could|please)|that'?s (?:ok|fine)))"
)


def asking(text: str) -> bool:
    """`should we use eastus?`; not `can I get X`, which is a polite request."""
    question = _ASKING.match(text) and text.endswith("?")
    return bool(question or _WONDERING.match(text)) and not _ASKED_FOR.match(text)


def conditional(text: str) -> bool:
    return bool(_CONDITION.search(text))
