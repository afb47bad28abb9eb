"""`signoff index`: the lists of deployments, made anew."""

from typing import TextIO

from bot.parts import opened
from bot.settings import Settings
from orchestration.deployments import Deployments
from orchestration.news import OthersVoice
from orchestration.reindexing import Reindexing


async def index(settings: Settings, out: TextIO) -> int:
    async with opened(settings) as parts:
        voice = OthersVoice(parts.store, parts.clock)
        deployments = Deployments(
            parts.store, parts.clock, parts.directory, settings.organisation, voice
        )
        done = await Reindexing(deployments, parts.catalogue, parts.directory).run()
    out.write(f"{done.listed} deployments are listed, {done.removed} wrong lines were removed\n")
    return 0
