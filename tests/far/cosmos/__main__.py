"""Azure Cosmos DB as a process: `python -m tests.far.cosmos --port 0 --data FILE`.

Its first line says its address and key. What it keeps is read from FILE at the start, if that is
there, and written to it when it is asked to end (SIGTERM, Ctrl-C); a kill -9 loses it.
"""

import argparse
import asyncio
import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.far.cosmos.account import KEY, Account
from tests.far.cosmos.control import Control, MovableClock
from tests.far.cosmos.double import CosmosDouble


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m tests.far.cosmos")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--data", type=Path)
    options.add_argument("--database", default="signoff")
    options.add_argument("containers", nargs="*", help="made in the database if FILE has none")
    return options


async def main(arguments: Sequence[str] | None = None) -> None:
    asked = parser().parse_args(arguments)
    clock = MovableClock()
    double = CosmosDouble(clock)
    double.app.add_routes(Control(double, clock).routes())
    _fill(double.account, asked.data, asked.database, asked.containers)
    double.site.port = asked.port
    await double.start()
    print(json.dumps({"url": double.url, "key": KEY}), flush=True)
    await _ended()
    await double.site.stop()
    if asked.data:
        asked.data.write_text("\n".join(_lines(double.account)), encoding="utf-8")


async def _ended() -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()


def _fill(account: Account, data: Path | None, database: str, containers: Sequence[str]) -> None:
    if data and data.exists():
        for line in data.read_text("utf-8").splitlines():
            account.put_back(json.loads(line))
    elif containers:
        account.make(database, *containers)


def _lines(account: Account) -> Iterator[str]:
    return (json.dumps(line, ensure_ascii=False) for line in account.kept())


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
