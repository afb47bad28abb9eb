"""Draw the icons of the packages: a line to sign on, and a signature that ends as a check mark.

`.venv/bin/python scripts/draw_icons.py` writes manifest/teams/color.png and outline.png.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "manifest" / "teams"
NAVY, FAINT, PAPER, MINT = (31, 58, 95), (122, 146, 178), (255, 255, 255), (94, 211, 165)
FINER = 8
"""Drawn this much larger and scaled down, for smooth edges."""

Point = tuple[float, float]

_LOOP: tuple[Point, ...] = ((0.17, 0.60), (0.27, 0.36), (0.40, 0.24), (0.41, 0.50))
_CHECK: tuple[Point, ...] = ((0.41, 0.50), (0.41, 0.60), (0.50, 0.655), (0.53, 0.64))
_RISE: tuple[Point, ...] = ((0.53, 0.64), (0.60, 0.60), (0.72, 0.38), (0.84, 0.25))
_LINE: tuple[Point, Point] = ((0.18, 0.79), (0.82, 0.79))


def main() -> None:
    save("color.png", color(192))
    save("outline.png", outline(32))


def color(size: int) -> Image.Image:
    """White and green on a full square: Teams cuts it into whatever shape it shows."""
    image = Image.new("RGBA", (size * FINER, size * FINER), (*NAVY, 255))
    pen = ImageDraw.Draw(image)
    inked(pen, size, _LINE, (0.03, 0.03), (*FAINT, 255))
    inked(pen, size, curve(*_LOOP), (0.04, 0.07), (*PAPER, 255))
    inked(pen, size, [*curve(*_CHECK), *curve(*_RISE)], (0.07, 0.095), (*MINT, 255))
    return image.resize((size, size), Image.Resampling.LANCZOS)


def outline(size: int) -> Image.Image:
    """White alone; only how opaque it is differs, so that Teams can put it on any colour."""
    mask = Image.new("L", (size * FINER, size * FINER), 0)
    pen = ImageDraw.Draw(mask)
    inked(pen, size, _LINE, (0.065, 0.065), 255)
    inked(pen, size, [*curve(*_LOOP), *curve(*_CHECK), *curve(*_RISE)], (0.08, 0.115), 255)
    image = Image.new("RGBA", (size, size), (*PAPER, 255))
    image.putalpha(mask.resize((size, size), Image.Resampling.LANCZOS))
    return image


def curve(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    """Points of a cubic Bezier curve."""

    def at(t: float, axis: int) -> float:
        u = 1 - t
        one, two = u**3 * a[axis] + 3 * u**2 * t * b[axis], 3 * u * t**2 * c[axis] + t**3 * d[axis]
        return one + two

    return [(at(step / 60, 0), at(step / 60, 1)) for step in range(61)]


def inked(
    pen: ImageDraw.ImageDraw,
    size: int,
    line: Sequence[Point],
    width: tuple[float, float],
    ink: int | tuple[int, ...],
) -> None:
    """A round-ended stroke from one width to the other; all in parts of the picture's side."""
    side, last = size * FINER, len(line) - 1
    thin, thick = width
    for n, (one, two) in enumerate(pairwise(line)):
        radius = side * (thin + (thick - thin) * n / last) / 2
        ends = [(x * side, y * side) for x, y in (one, two)]
        pen.line(ends, fill=ink, width=round(radius * 2))
        for x, y in ends:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)


def save(name: str, image: Image.Image) -> None:
    image.save(FOLDER / name, "PNG", optimize=True)


if __name__ == "__main__":
    main()
