"""One command of Terraform in a prepared folder, and what it said."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.adapters.terraform import process
from orchestration.adapters.terraform.events import Diagnostic, Event, parse
from orchestration.adapters.terraform.failure import failure
from orchestration.ports import OnLine, TerraformCancelled, TerraformFailed
from orchestration.redaction import redact

OnEvent = Callable[[Event], Awaitable[None]]


@dataclass(slots=True)
class _Said:
    """What a command has said so far, its machine-readable log apart."""

    text: list[str] = field(default_factory=list)
    errors: list[Diagnostic] = field(default_factory=list)

    def hear(self, line: str, event: Event) -> None:
        if event.type == "":
            self.text.append(line)
        elif event.error:
            self.errors.append(event.error)


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs commands of one binary with one set of limits."""

    argv: tuple[str, ...]
    cancel_grace_s: float

    async def run(
        self,
        operation: str,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        timeout_s: float,
        on_line: OnLine | None = None,
        on_event: OnEvent | None = None,
    ) -> str:
        """What the command printed, apart from its machine-readable log.

        Raises: TerraformFailed, TerraformCancelled, WorkspaceLocked.
        """
        said = _Said()

        async def hear(line: str) -> None:
            event = parse(line)
            said.hear(line, event)
            if on_line and event.message.strip():
                on_line(redact(event.message))
            if on_event:
                await on_event(event)

        argv = (*self.argv, *arguments)
        command = process.Command(argv, folder, environment, timeout_s, self.cancel_grace_s)
        code = await _finished(operation, command, hear)
        printed = "\n".join(said.text)
        if code != 0:
            raise failure(operation, said.errors, printed, code)
        return printed


async def _finished(operation: str, command: process.Command, hear: process.Hear) -> int:
    try:
        return await process.run(command, hear)
    except process.Cancelled as stopped:
        if stopped.clean or operation != "apply":  # nothing else changes what exists
            raise TerraformCancelled(f"terraform {operation} was stopped") from stopped
        raise _killed(operation, "did not stop when asked and was killed") from stopped
    except process.TimedOut as stopped:
        reason = f"took longer than {command.timeout_s:g} s and was stopped"
        if stopped.clean:
            raise TerraformFailed(operation, f"terraform {operation} {reason}") from stopped
        raise _killed(operation, reason) from stopped


def _killed(operation: str, reason: str) -> TerraformFailed:
    return TerraformFailed(operation, f"terraform {operation} {reason}", outcome_known=False)
