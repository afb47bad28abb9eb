"""Chromium as people have it: a tab that notes what went wrong in it and where it asked."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const numbers = (css) => css.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const found = numbers(getComputedStyle(one).backgroundColor);
      if (found.length < 4 || found[3] > 0.99) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !one.checkVisibility()) continue;
    if (one.closest("svg, noscript, template, .unseen, :disabled")) continue;
    const style = getComputedStyle(one);
    const [a, b] = [light(numbers(style.color)), light(ground(one))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    const text = one.textContent.trim().slice(0, 40);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${text}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
"""Texts with less contrast than WCAG 2.2 AA asks for (1.4.3)."""

NAMELESS = """() => {
  const kinds = ["input:not([type=hidden])", "select", "textarea", "button", "a[href]", "summary",
    "svg[role=img]", "[role=region]", "table"];
  const named = (one) => one.labels?.length || one.getAttribute("aria-label")
    || one.textContent.trim() || one.querySelector("img[alt]") || one.caption;
  const all = [...document.querySelectorAll(kinds.join(","))];
  return all.filter((one) => !named(one)).map((one) => one.outerHTML.slice(0, 120));
}"""
"""What can be used or is a landmark, and has no name that a screen reader could say."""


@dataclass
class Tab:
    page: Page
    ours: Sequence[str]
    problems: list[str] = field(default_factory=list)
    """Errors in the console, and requests to anywhere but `ours`."""

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda m: m.type == "error" and self.problems.append(m.text))
        self.page.on("request", lambda request: self._asked(request.url))

    def _asked(self, address: str) -> None:
        if not address.startswith(tuple(self.ours)):
            self.problems.append(f"asked {address}")

    def refused(self, status: int) -> None:
        """The console's own line about a page with that status is no problem."""
        line = f"the server responded with a status of {status}"
        self.problems[:] = [problem for problem in self.problems if line not in problem]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def tab(browser: Browser, *ours: str, **options: Any) -> AsyncIterator[Tab]:
    """A tab of its own, with no problem when it is closed."""
    context = await browser.new_context(**options)
    context.set_default_timeout(20_000)
    opened = Tab(await context.new_page(), ours)
    opened.watch()
    try:
        yield opened
        assert opened.problems == []
    finally:
        await context.close()
