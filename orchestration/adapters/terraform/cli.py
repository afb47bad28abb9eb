"""`ports.Terraform` by running a Terraform or OpenTofu binary."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from approvals.change import Operation
from orchestration.adapters.terraform import plan_file, plan_summary, state, workdir
from orchestration.adapters.terraform.environment import environment
from orchestration.adapters.terraform.events import Event, Progress
from orchestration.adapters.terraform.failure import lock_id
from orchestration.adapters.terraform.initialised import stamp
from orchestration.adapters.terraform.run import OnEvent, Runner
from orchestration.errors import WorkspaceLocked
from orchestration.ports import (
    Applied,
    Import,
    OnLine,
    OnProgress,
    Planned,
    StateVersion,
    WorkspaceId,
)


@dataclass(frozen=True, slots=True)
class _Session:
    """A prepared folder and how to run things in it."""

    folder: Path
    lock: str
