"""`python -m benchmarks.full_cosmos TEMPLATES ALL OPEN WHOLE`: Cosmos DB's double, until killed.

It is full. Its first line says its address and key, once everything is there.
"""

import asyncio
import gc
import json
import sys
from pathlib import Path

from benchmarks import filling
from bot.doctor.cosmos import CONTAINERS
from tests.doubles.accounted import DATABASE
from tests.far.cosmos.account import KEY
from tests.far.cosmos.control import MovableClock
from tests.far.cosmos.double import CosmosDouble


async def main(templates: Path, amount: filling.Amount) -> None:
    gc.disable()
    double = CosmosDouble(MovableClock(), consistency="BoundedStaleness")
    double.account.make(DATABASE, *CONTAINERS)
    ended, waiting = filling.read(templates)
    filling.into_double(double.account, DATABASE, filling.copies(ended, waiting, amount))
    gc.freeze()
    await double.start()
    print(json.dumps({"url": double.url, "key": KEY}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), filling.Amount(*map(int, sys.argv[2:]))))
