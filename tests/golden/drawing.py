"""Cards as people see them: drawn by the vendors' own renderers in a browser, without a network.

Teams: npm `adaptivecards` with the host configurations that Microsoft ships for Teams. Slack: npm
`slack-blocks-to-jsx`.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

NODE = Path(__file__).parents[1] / "node"
MODULES = NODE / "node_modules"
CHROMIUM = "/usr/bin/chromium"
Theme = Literal["light", "dark"]
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_BACKGROUNDS: Mapping[Theme, tuple[str, str]] = {
    "light": ("#F5F5F5", "#FFFFFF"),
    "dark": ("#1F1F1F", "#292929"),
}
_SLACK: Mapping[Theme, str] = {"light": "#FFFFFF", "dark": "#1A1D21"}
_PUSHED = """
.ac-pushButton.style-positive { background: #5B5FC7 !important; color: #FFFFFF !important; }
.ac-pushButton.style-destructive { border-color: #C4314B !important; color: #C4314B !important; }
"""
"""The colours of Teams' buttons, which the designer's style sheet leaves out."""
_DRAW = """([card, config]) => {
    const A = window.AdaptiveCards, markdown = window.markdownit();
    A.AdaptiveCard.onProcessMarkdown = (text, result) => {
        const named = text.replace(/<at>(.*?)<\\/at>/g, "**@$1**");
        result.outputHtml = markdown.render(named);
        result.didProcess = true;
    };
    const drawn = new A.AdaptiveCard(), context = new A.SerializationContext(A.Versions.v1_5);
    drawn.hostConfig = new A.HostConfig(config);
    window.pressed = [];
    drawn.onExecuteAction = a => window.pressed.push({ verb: a.verb, data: a.data });
    drawn.parse(card, context);
    const events = [];
    for (let n = 0; n < context.eventCount; n++) events.push(context.getEventAt(n).message);
    for (const e of drawn.validateProperties().validationEvents) events.push(e.message);
    document.querySelector("#card").appendChild(drawn.render());
    return events;
}"""


@dataclass(frozen=True)
class Drawn:
    """A drawn card: what the renderer complained of, what can be pressed, and the page."""

    page: Page
    events: list[str]

    def buttons(self) -> list[str]:
        return [text for b in self.page.locator("button").all() if (text := b.inner_text())]

    def picture(self) -> bytes:
        return self.page.locator("#card").screenshot()


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_FLAGS])
        try:
            yield started
        finally:
            started.close()


def draw_teams(chromium: Browser, card: Any, *, theme: Theme = "light", width: int = 480) -> Drawn:
    page = _page(chromium, width, *_BACKGROUNDS[theme], "Segoe UI, Selawik, Noto Sans, sans-serif")
    designer = MODULES / "adaptivecards-designer"
    page.add_style_tag(path=designer / f"dist/containers/teams-container-{theme}.css")
    page.add_script_tag(path=MODULES / "markdown-it/dist/browser/markdown-it.umd.min.js")
    page.add_script_tag(path=MODULES / "adaptivecards/dist/adaptivecards.min.js")
    page.add_style_tag(content=_PUSHED)
    config = designer / f"lib/hostConfigs/microsoft-teams-{theme}.json"
    events = page.evaluate(_DRAW, [card, json.loads(config.read_text("utf-8"))])
    return Drawn(page, events)


def draw_slack(chromium: Browser, html: str, *, theme: Theme = "light", width: int = 600) -> Drawn:
    page = _page(chromium, width, _SLACK[theme], _SLACK[theme], "Lato, Noto Sans, sans-serif")
    page.add_style_tag(path=MODULES / "slack-blocks-to-jsx/dist/style.css")
    page.add_style_tag(content="#card { padding: 8px; box-sizing: border-box }")
    page.evaluate("html => { document.querySelector('#card').innerHTML = html }", html)
    return Drawn(page, [])


def slack_html(messages: list[Mapping[str, Any]]) -> list[str]:
    """The HTML of Slack messages, each with `blocks` and a `theme`."""
    ran = subprocess.run(
        ["node", "slack_html.mjs"],
        cwd=NODE,
        input=json.dumps(messages),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    drawn: list[str] = json.loads(ran.stdout)
    return drawn


def _page(chromium: Browser, width: int, behind: str, card: str, font: str) -> Page:
    page = chromium.new_page(viewport={"width": width + 40, "height": 900})
    page.route("**/*", lambda route: route.abort())
    page.set_content(
        f'<body style="margin:20px;background:{behind};font-family:{font}">'
        f'<div id="card" style="width:{width}px;background:{card};border-radius:6px"></div></body>'
    )
    return page
