"""A worker to be killed: plans and applies what `terraform_files` names, in the sandbox given.

python -m tests.contract.apply_and_hang FOLDER CONFIGURATION SPEED
"""

import asyncio
import sys
from pathlib import Path

from tests.contract import terraform_files
from tests.sandbox import make_sandbox


async def main(folder: Path, configuration: str, speed: float) -> None:
    files: dict[str, str] = getattr(terraform_files, configuration)()
    await make_sandbox(folder, speed=speed).apply(files)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
