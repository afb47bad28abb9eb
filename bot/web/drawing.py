"""Pages from templates. Whatever a template shows passes through `redact`, and is escaped.

The filter `ours` is for what we made to be sent back (a form's key), which `redact` must not alter.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.web.assets import Assets
from capabilities.cost import usd
from capabilities.values import Json
from orchestration.cards.values import duration, label, words
from orchestration.redaction import redact

TEMPLATES = Path(__file__).parents[2] / "templates" / "web"


class Drawing:
    def __init__(self, assets: Assets, organisation: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_redacted,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(asset=assets.address, organisation=organisation)
        self._environment.filters.update(
            usd=usd,
            duration=duration,
            label=label,
            words=words,
            when=when,
            value_of=value_of,
            brief=brief,
            ours=escape,
        )

    def draw(self, name: str, **context: Any) -> str:
        return self._environment.get_template(f"{name}.html").render(context)


def _redacted(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return redact(value)
    return value


def when(at: datetime | None) -> Markup:
    """A time that browsers show in their own zone; UTC where they do not."""
    if at is None:
        return Markup("")
    at = at.astimezone(UTC)
    text = f"{at:%Y-%m-%d %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), text)


def value_of(value: Json, name: str) -> Markup:
    """The value of an attribute, whose name says whether it is a secret."""
    if value is None:
        return Markup('<span class="nothing">none</span>')
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    named = f"{name.rpartition('.')[2]}="
    return escape(redact(f"{named}{text}").removeprefix(named))


def brief(digest: str) -> str:
    """The first digits of a digest, enough to tell two apart."""
    return digest.removeprefix("sha256:")[:12]
