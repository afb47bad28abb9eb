"""Draw every kind of card as Teams and Slack show it: `python scripts/draw_cards.py [FOLDER]`.

Without a folder, the few of docs/cards.md are drawn into docs/pictures.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image
from playwright.sync_api import Browser

from bot.render.adaptive import adaptive_card, adaptive_reply
from bot.render.blocks import block_message, block_reply
from tests.golden import kinds
from tests.golden.drawing import Drawn, browser, draw_slack, draw_teams, slack_html

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
KEPT = (
    "teams-plan-light-480",
    "teams-plan-dark-480",
    "teams-plan-light-280",
    "teams-draft-refused-light-480",
    "slack-plan-light",
    "slack-progress-dark",
)
TEAMS = (("light", 480), ("dark", 480), ("light", 280))


def main() -> None:
    everything = len(sys.argv) > 1
    folder = Path(sys.argv[1]) if everything else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    kinds.cards()  # before the browser: it runs a loop of its own
    with browser() as chromium:
        for name, drawn in _drawn(chromium, None if everything else KEPT):
            picture = Image.open(BytesIO(drawn.picture())).convert("P", colors=64, palette=1)
            picture.save(folder / f"card-{name}.png", optimize=True)
            drawn.page.close()
            print(name, *drawn.events)  # noqa: T201


def _drawn(chromium: Browser, only: tuple[str, ...] | None) -> Iterator[tuple[str, Drawn]]:
    for name, card in _teams().items():
        for theme, width in TEAMS:
            called = f"teams-{name}-{theme}-{width}"
            if only is None or called in only:
                yield called, draw_teams(chromium, card, theme=theme, width=width)  # type: ignore[arg-type]
    messages = [(n, t, m) for n, m in _slack().items() for t in ("light", "dark")]
    wanted = [(n, t, m) for n, t, m in messages if only is None or f"slack-{n}-{t}" in only]
    html = slack_html([{"blocks": m["blocks"], "theme": t} for _, t, m in wanted])
    for (name, theme, _), text in zip(wanted, html, strict=True):
        yield f"slack-{name}-{theme}", draw_slack(chromium, text, theme=theme)  # type: ignore[arg-type]


def _teams() -> dict[str, Any]:
    """As an approver sees them."""
    seen: dict[str, Any] = {"mentions": kinds.MENTIONS, "viewer": kinds.APPROVER}
    cards = {
        name: adaptive_card(card, page_url=kinds.PAGE if card.page else "", **seen)
        for name, card in kinds.cards().items()
    }
    replies = {
        name: adaptive_reply(reply, mentions=kinds.MENTIONS)
        for name, reply in kinds.replies().items()
    }
    return cards | replies


def _slack() -> dict[str, Any]:
    cards = {
        name: block_message(card, page_url=kinds.PAGE if card.page else "")
        for name, card in kinds.cards().items()
    }
    replies = {n: block_reply(r, mentions=kinds.MENTIONS) for n, r in kinds.replies().items()}
    return cards | replies


if __name__ == "__main__":
    main()
