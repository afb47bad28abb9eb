"""Files that came with a message, fetched from Slack and read as text."""

import asyncio
from collections.abc import Sequence

import aiohttp
from yarl import URL

from bot import attachments
from bot.slack.api import Api
from bot.slack.bodies import File
from orchestration.errors import UserError
from orchestration.messages import Attachment

LARGEST = 5_000_000
"""Bytes; a document of requirements is far smaller."""
_AT_ONCE = 5
_FETCHED_WITHIN_S = 1.5
"""The message is acknowledged within three seconds; who it is from is looked up before."""
_SLACK = "slack.com"


class Files:
    """The bot's token goes to Slack's own hosts alone, and follows no redirect."""

    def __init__(self, api: Api, http: aiohttp.ClientSession, api_url: str) -> None:
        self._api = api
        self._http = http
        self._api_origin = URL(api_url).origin()

    async def read(
        self, team: str, files: Sequence[File]
    ) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
        """What could be read, and a sentence for each file that could not be."""
        found, problems = [], []
        for file in files[:_AT_ONCE]:
            try:
                content = await self._fetched(team, file)
                found.append(attachments.read(file.name, content))
            except UserError as error:
                problems.append(str(error))
        if len(files) > _AT_ONCE:
            problems.append(f"I read {_AT_ONCE} files at a time; send the others after these.")
        return tuple(found), tuple(problems)

    async def _fetched(self, team: str, file: File) -> bytes:
        """Raises: UserError - it is too large, or Slack does not give it."""
        again = f"I could not fetch {file.name!r} from Slack; please attach it again."
        if file.size > LARGEST:
            raise UserError(f"{file.name!r} is larger than {LARGEST // 1_000_000} MB.")
        if not self._is_slack(file.url_private_download):
            raise UserError(again)
        installation = await self._api.installation(team)
        try:
            async with (
                asyncio.timeout(_FETCHED_WITHIN_S),
                self._http.get(
                    file.url_private_download,
                    headers={"Authorization": f"Bearer {installation.token}"},
                    allow_redirects=False,
                ) as response,
            ):
                if response.status != 200:
                    raise UserError(again)
                return await _limited(response.content, file.name)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise UserError(again) from error

    def _is_slack(self, address: str) -> bool:
        try:
            url = URL(address)
        except ValueError:
            return False
        if not url.absolute:
            return False
        host = url.host or ""
        slack = url.scheme == "https" and (host == _SLACK or host.endswith(f".{_SLACK}"))
        return slack or url.origin() == self._api_origin


async def _limited(content: aiohttp.StreamReader, name: str) -> bytes:
    """Raises: UserError - it goes on after `LARGEST`, whatever Slack said of its size."""
    parts, size = [], 0
    async for part in content.iter_any():
        size += len(part)
        if size > LARGEST:
            raise UserError(f"{name!r} is larger than {LARGEST // 1_000_000} MB.")
        parts.append(part)
    return b"".join(parts)
