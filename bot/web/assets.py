"""The stylesheet, scripts and icon: served under names that change with their content."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parents[2] / "templates" / "web" / "static"
PREFIX = "/assets/"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    type: str


class Assets:
    def __init__(self, folder: Path = FOLDER) -> None:
        self._named: dict[str, str] = {}
        self._served: dict[str, Asset] = {}
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            name = f"{path.stem}-{sha256(content).hexdigest()[:12]}{path.suffix}"
            self._named[path.name] = name
            self._served[name] = Asset(content, _TYPES[path.suffix])

    def address(self, name: str) -> str:
        return f"{PREFIX}{self._named[name]}"

    async def serve(self, request: web.Request) -> web.Response:
        """Raises: HTTPNotFound."""
        asset = self._served.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        kept = {"Cache-Control": "public, max-age=31536000, immutable"}
        return web.Response(
            body=asset.content,
            content_type=asset.type,
            charset="utf-8",
            headers={**kept, "X-Content-Type-Options": "nosniff"},
        )

    async def icon(self, _: web.Request) -> web.Response:
        """What browsers ask for beside pages that name none."""
        return web.Response(status=302, headers={"Location": self.address("icon.svg")})
