"""Records what the engine keeps of two deployments, for tests/contract/test_workflow.py to replay.

    python -m tests.contract.record_histories NAME     tests/contract/histories/NAME-*.json

Recorded once for each change of the workflow; those of earlier builds stay, for they may still run.
"""

import asyncio
import base64
import json
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.ports import DeploymentId
from orchestration.standing import is_final
from tests.contract.leaving import Slow, applying
from tests.doubles.house import house
from tests.doubles.temporal import Cluster, cluster

HISTORIES = Path(__file__).parent / "histories"
_OURS = {"identity", "stackTrace"}


async def _handed_back(temporal: Cluster) -> DeploymentId:
    """One worker leaves in the middle of an apply, another one goes on."""
    async with temporal.worker(terraform=(slow := Slow(temporal.home))) as leaving:
        id = await applying(temporal, slow)
        leaving.begun.set()
        await leaving.gone()
    async with temporal.worker():
        await temporal.until(id, is_final)
    return id


async def _stopped(temporal: Cluster) -> DeploymentId:
    """A person stops an apply."""
    async with temporal.worker(terraform=(slow := Slow(temporal.home))):
        id = await applying(temporal, slow)
        await temporal.home.provisioning.cancel(id, await temporal.home.person("ana"))
        await temporal.engine.nudge(id)
        await temporal.until(id, is_final)
    return id


async def main(build: str) -> None:
    for name, live in (("handed-back", _handed_back), ("stopped", _stopped)):
        with TemporaryDirectory() as folder:
            async with house(Path(folder)) as home, cluster(home) as temporal:
                id = await live(temporal)
                client = await temporal.engine.client()
                history = await client.get_workflow_handle(f"deployment/{id}").fetch_history()
                text = history.to_json().replace(socket.gethostname(), "machine")
                kept = _readable(json.loads(text))
                _keep(HISTORIES / f"{build}-{name}.json", kept)


def _keep(path: Path, history: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(history, indent=1) + "\n")


def _readable(value: Any) -> Any:
    """Payloads as text, and nothing that names this machine or its folders."""
    match value:
        case {"data": str(data), **rest}:
            return {**rest, "text": base64.b64decode(data).decode()}
        case dict():
            return {k: "somebody" if k in _OURS else _readable(v) for k, v in value.items()}
        case list():
            return [_readable(one) for one in value]
        case _:
            return value


def packed(value: Any) -> Any:
    """A history as the engine gave it, from `_readable`."""
    match value:
        case {"text": str(text), **rest}:
            return {**rest, "data": base64.b64encode(text.encode()).decode()}
        case dict():
            return {key: packed(one) for key, one in value.items()}
        case list():
            return [packed(one) for one in value]
        case _:
            return value


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
