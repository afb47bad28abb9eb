"""As much of PNG as it takes to look at an icon: 8 bits of red, green, blue and opacity.

Source: PNG specification (third edition): chunks, filter types 0 to 4.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack

from orchestration.errors import UserError

_START = b"\x89PNG\r\n\x1a\n"
_RGBA = (8, 6, 0, 0, 0)
_PIXEL = 4


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    pixels: bytes
    """Red, green, blue and opacity of each pixel, row by row."""

    def is_white_on_transparent(self) -> bool:
        """Whether everything that can be seen is white, and something cannot be seen."""
        found = [self.pixels[n : n + _PIXEL] for n in range(0, len(self.pixels), _PIXEL)]
        seen = [pixel[:3] for pixel in found if pixel[3]]
        return 0 < len(seen) < len(found) and {*seen} == {b"\xff\xff\xff"}


def read_png(content: bytes) -> Picture:
    """Raises: UserError - it is no such picture."""
    try:
        chunks = list(_chunks(content))
        header = next(data for kind, data in chunks if kind == b"IHDR")
        width, height, *form = unpack(">IIBBBBB", header)
        if tuple(form) != _RGBA:
            raise ValueError("its pixels are not 8-bit RGBA")
        raw = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
        return Picture(width, height, b"".join(_rows(raw, width, height)))
    except (ValueError, zlib.error, StopIteration, IndexError) as error:
        raise UserError(f"An icon cannot be read: {error or 'it has no header'}.") from error


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Raises: ValueError - it is damaged, or no PNG."""
    if content[: len(_START)] != _START:
        raise ValueError("it is not a PNG file")
    place = len(_START)
    while place < len(content):
        if place + 12 > len(content):
            raise ValueError("it is cut off")
        (size,) = unpack(">I", content[place : place + 4])
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        if content[place + 8 + size : place + 12 + size] != zlib.crc32(kind + data).to_bytes(4):
            raise ValueError("it is damaged")
        yield kind, data
        place += 12 + size


def _rows(raw: bytes, width: int, height: int) -> Iterator[bytes]:
    """Each row, with its filter undone."""
    length = width * _PIXEL
    above = bytes(length)
    for first in range(0, height * (length + 1), length + 1):
        row = bytearray(raw[first + 1 : first + 1 + length])
        if len(row) != length:
            raise ValueError("it is cut off")
        for n in range(length):
            left, corner = (row[n - _PIXEL], above[n - _PIXEL]) if n >= _PIXEL else (0, 0)
            row[n] = (row[n] + _guessed(raw[first], left, above[n], corner)) % 256
        above = bytes(row)
        yield above


def _guessed(filter: int, left: int, above: int, corner: int) -> int:
    """What the filter has taken away from a byte."""
    match filter:
        case 0:
            return 0
        case 1:
            return left
        case 2:
            return above
        case 3:
            return (left + above) // 2
        case 4:
            wanted = left + above - corner
            return min((left, above, corner), key=lambda near: abs(wanted - near))
        case _:
            raise ValueError(f"its filter {filter} is unknown")
