"""How long a call is tried, and how often: until it is answered or its time is over."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import random
from typing import TypeAlias, TypeVar

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.cosmos.exceptions import CosmosHttpResponseError

from orchestration.adapters.cosmos.transport import Unanswered
from orchestration.errors import PermanentError, TemporaryError

_T = TypeVar("_T")
Attempt: TypeAlias = Callable[[bool], Awaitable[_T]]
"""Gets whether an attempt before it may have had its effect."""

_RETRY_AFTER_S = 5.0
_NO_ACCESS = {401, 403}
_MISCONFIGURED_S = 60.0


@dataclass(frozen=True, slots=True)
class Patience:
    """An attempt is given up after `attempt_s`, the call after `deadline_s`, whatever it is doing.

    The pause before attempt n is between half and all of `pause_s` * 2^n, at most `longest_pause_s`
    and at least what the server asks for; `chance` gives a number from 0 to 1.
    """

    attempt_s: float = 5.0
    deadline_s: float = 15.0
    pause_s: float = 0.05
    longest_pause_s: float = 2.0
    chance: Callable[[], float] = random

    async def tried(self, doing: str, attempt: Attempt[_T]) -> _T:
        """Raises: TemporaryError - not answered in time; PermanentError - refused for good; and
        what the attempt itself raises of ours."""
        last: list[Unanswered] = []
        try:
            async with asyncio.timeout(self.deadline_s) as deadline:
                return await self._again(doing, attempt, deadline, last)
        except TimeoutError as error:
            raise _too_late(doing, self.deadline_s, last) from error

    async def _again(
        self, doing: str, attempt: Attempt[_T], deadline: asyncio.Timeout, last: list[Unanswered]
    ) -> _T:
        applied = False
        while True:
            try:
                return await self._once(doing, attempt, applied)
            except Unanswered as error:
                applied |= error.applied
                last.append(error)
            pause_s = self._pause_s(len(last), last[-1].wait_s)
            if asyncio.get_running_loop().time() + pause_s >= (deadline.when() or 0):
                raise _too_late(doing, self.deadline_s, last)
            await asyncio.sleep(pause_s)

    async def _once(self, doing: str, attempt: Attempt[_T], applied: bool) -> _T:
        try:
            async with asyncio.timeout(self.attempt_s):
                return await attempt(applied)
        except TimeoutError as error:
            raise Unanswered(f"no answer within {self.attempt_s:g} s", applied=True) from error
        except Unanswered:
            raise
        except ClientAuthenticationError as error:
            why = f"{doing}: no token for Cosmos DB: {_first_line(error)}"
            raise TemporaryError(why, retry_after_s=_MISCONFIGURED_S) from error
        except CosmosHttpResponseError as error:
            raise _refused(doing, error) from error
        except AzureError as error:
            raise Unanswered(_first_line(error), applied=True) from error

    def _pause_s(self, attempts: int, asked_s: float) -> float:
        most = min(self.pause_s * 2.0 ** min(attempts - 1, 16), self.longest_pause_s)
        return asked_s + most * (0.5 + self.chance() / 2)


def _too_late(doing: str, deadline_s: float, last: list[Unanswered]) -> TemporaryError:
    why = f", {last[-1].why} the last of {len(last)} times" if last else ""
    asked_s = last[-1].wait_s if last else 0.0
    return TemporaryError(
        f"{doing}: Cosmos DB has not done it within {deadline_s:g} s{why}",
        retry_after_s=max(asked_s, _RETRY_AFTER_S),
    )


def _refused(doing: str, error: CosmosHttpResponseError) -> PermanentError | TemporaryError:
    """What somebody has to put right may be put right while we run: nothing is given up for it."""
    status, detail = error.status_code, _first_line(error)
    if status == 403 and error.sub_status in (3, 1008):
        return TemporaryError(f"{doing}: Cosmos DB moves to another region")
    if status in _NO_ACCESS:
        return TemporaryError(
            f"{doing}: Cosmos DB gives no access ({status}); check SIGNOFF_COSMOS_KEY, or the role "
            "that Terraform assigns to the managed identity",
            retry_after_s=_MISCONFIGURED_S,
        )
    if status == 404:
        return TemporaryError(
            f"{doing}: the container or its database is there no more; "
            "apply the Terraform in deploy/azure",
            retry_after_s=_MISCONFIGURED_S,
        )
    return PermanentError(f"{doing}: Cosmos DB refuses it: {detail}")


def _first_line(error: AzureError) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
