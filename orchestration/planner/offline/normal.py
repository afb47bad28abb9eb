"""Text as people send it, made comparable. Lengths are kept, so that spans stay valid."""

import re
import unicodedata

_CODE = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_ITEM = re.compile(r"\n\s*[-–—](?=\d)")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "`": "'"})


def cleaned(text: str) -> str:
    """One line, plain quotes and dashes, no code, nothing invisible; case as written. A dash that
    begins a line is no minus."""
    text = _ITEM.sub(" ", _CODE.sub(" ", text))
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return re.sub(r"\s+", " ", _INVISIBLE.sub("", text)).strip()


def lowered(text: str) -> str:
    """Lower case, letter by letter, so that it has as many characters as before."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
