"""Files that came with a message, fetched from Slack and read as text."""

import asyncio
from collections.abc import Sequence

import aiohttp
from yarl import URL

from bot.attachments import Attachments, Linked
from bot.slack.api import Api
from bot.slack.bodies import File
from orchestration.errors import TemporaryError, UserError
from orchestration.messages import Attachment

_AT_ONCE = 5
_WITHIN_S = 1.5
"""A message is acknowledged within three seconds, and who it is from is looked up too."""
_KEPT = 100
_SLACK = ".slack.com"


class Files:
    """What takes too long goes on while Slack sends the message again, and is there by then.

    The bot's token goes to Slack's own hosts alone.
    """

    def __init__(self, api: Api, http: aiohttp.ClientSession, api_url: str) -> None:
        self._api = api
        self._attachments = Attachments(http, frozenset({_SLACK, URL(api_url).host or _SLACK}))
        self._reading: dict[str, asyncio.Task[Attachment]] = {}

    async def read(
        self, team: str, files: Sequence[File]
    ) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
        """What could be read, and a sentence for each file that could not be.

        Raises: TemporaryError - it is not read yet.
        """
        found, problems = [], []
        for file in files[:_AT_ONCE]:
            try:
                found.append(await self._one(team, file))
            except UserError as error:
                problems.append(str(error))
        if len(files) > _AT_ONCE:
            problems.append(f"I read {_AT_ONCE} files at a time; send the others after these.")
        return tuple(found), tuple(problems)

    async def _one(self, team: str, file: File) -> Attachment:
        """Raises: UserError - it cannot be read; TemporaryError - not yet."""
        url = file.url_private_download
        reading = self._reading.get(url) or self._begun(team, file)
        try:
            async with asyncio.timeout(_WITHIN_S):
                found = await asyncio.shield(reading)
        except TimeoutError as error:
            raise TemporaryError(f"reading {file.name!r}") from error
        except Exception:
            self._reading.pop(url, None)
            raise
        self._reading.pop(url, None)
        return found

    def _begun(self, team: str, file: File) -> asyncio.Task[Attachment]:
        while len(self._reading) >= _KEPT:
            self._reading.pop(next(iter(self._reading))).cancel()
        task = asyncio.create_task(self._fetched(team, file))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, or late
        self._reading[file.url_private_download] = task
        return task

    async def _fetched(self, team: str, file: File) -> Attachment:
        installation = await self._api.installation(team)
        token = {"Authorization": f"Bearer {installation.token}"}
        return await self._attachments.read(Linked(file.name, file.url_private_download, token))
