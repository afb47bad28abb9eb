"""Draw the session of the README, as it really runs: `make pictures`.

Two pictures in docs/pictures, made of one conversation: asking, and signing off.
"""

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from bot.render.text import draw, draw_compactly
from bot.settings import Settings
from bot.terminal.board import Board
from bot.terminal.memory import Memory
from bot.terminal.people import everybody
from bot.terminal.script import Script
from bot.terminal.session import Inside, Session
from bot.terminal.start import SOURCES
from bot.terminal.surface import TerminalSurface
from bot.terminal.text_screen import TextScreen, drawn_notice
from bot.wiring import directory, wired
from orchestration.cards.model import Card, Progress
from orchestration.messages import Notice, ThreadId

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
WIDTH = 100
ASKING = (
    "ana: I need a production Databricks workspace for the ML team",
    "ana: East US",
    "ana: name the resource group rg-ml-team-prod and make it 1-4 workers",
)
SIGNING_OFF = (
    "ana! Looks good",
    "wait: awaiting 120",
    "mia! Approve",
    "omar! Approve",
    "wait: succeeded 300",
)
SHOWN = {ASKING[2], SIGNING_OFF[1], SIGNING_OFF[4]}
"""After these lines the cards are drawn as they stand; in a terminal they change in their place."""
LIGHT_ON_DARK = TerminalTheme(
    (22, 27, 34),
    (230, 237, 243),
    [
        (72, 79, 88),
        (255, 123, 114),
        (86, 211, 100),
        (227, 179, 65),
        (121, 192, 255),
        (210, 168, 255),
        (86, 212, 221),
        (177, 186, 196),
    ],
)


FORMAT = re.sub(r"@font-face {{.*?}}\n", "", CONSOLE_SVG_FORMAT, flags=re.S).replace(
    "Fira Code", "ui-monospace, DejaVu Sans Mono, Menlo, Consolas"
)
"""Without fonts from elsewhere: a picture in a repository is shown without asking anybody."""
BORDER = re.compile(r'<text class="([\w-]+)" x="([\d.]+)" y="([\d.]+)"[^>]*>│</text>')


class PictureScreen(TextScreen):
    """What is said is drawn at once; cards and notices are kept until they are to be seen."""

    newest: Card | None = None
    moving: Card | None = None
    """The newest one with a bar between its ends."""
    told: Notice | None = None

    def card(self, thread: ThreadId, card: Card, version: int) -> None:
        self.newest = card
        bars = [block for block in card.blocks if isinstance(block, Progress)]
        if any(0 < bar.done < bar.total for bar in bars):
            self.moving = card

    update = card

    def notice(self, notice: Notice) -> None:
        self.told = notice

    def draw(self, console: Console) -> None:
        """The cards that changed and the notice, in the order in which they were first true."""
        if self.moving:
            console.print(draw_compactly(self.moving), "")
        if self.newest:
            console.print(draw(self.newest, folded=True), "")
        if self.told:
            console.print(drawn_notice(self.told))


async def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=Path(folder), prices_live=False)
        people = await everybody(directory(settings))
        console = Console(file=io.StringIO(), width=WIDTH, record=True, highlight=False)
        screen = PictureScreen(console, people)
        board = Board()
        surface = TerminalSurface(board, screen, Memory(settings.store / "terminal"))
        async with Inside(partial(wired, settings), surface, _no_sandbox) as inside:
            session = Session(inside, board, people, SOURCES, strict=True)
            script = Script(session, screen)
            await _draw("asking", "Asking", ASKING, script, screen, console)
            await _draw("signing-off", "Signing off", SIGNING_OFF, script, screen, console)


def _no_sandbox(arguments: Sequence[str]) -> Sequence[str]:
    raise AssertionError(f"no line of the session looks into the sandbox: {arguments}")


async def _draw(
    name: str,
    title: str,
    lines: Sequence[str],
    script: Script,
    screen: PictureScreen,
    console: Console,
) -> None:
    for line in lines:
        await script.run([line])
        if line in SHOWN:
            screen.draw(console)
    drawn = console.export_svg(title=title, theme=LIGHT_ON_DARK, code_format=FORMAT, unique_id=name)
    (PICTURES / f"{name}.svg").write_text(BORDER.sub(_line, drawn), "utf-8")


def _line(border: re.Match[str]) -> str:
    """A border's sign as a line as high as a row, so that rows leave no gap."""
    style, x, y = border[1], float(border[2]), float(border[3])
    return f'<rect class="{style}" x="{x + 5.4:.1f}" y="{y - 18.5:.1f}" width="1.6" height="24.6"/>'


if __name__ == "__main__":
    asyncio.run(main())
