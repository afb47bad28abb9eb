"""What goes over the wire: each request once, each one reported, none sent again behind our back.

The SDK repeats a request that was not answered, a write too, and what was refused for now, with
its own idea of how long. Here such a request becomes `Unanswered`, which it lets through, and
`patience` decides. aiohttp repeats what its method calls idempotent; a write is always a POST here.

So the SDK does not learn either that a region is gone; whoever opens the store is told that nobody
answers, and has it look where the account is now.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeAlias

import aiohttp
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import AioHttpTransport

_CONTAINER = re.compile(r"/colls/([^/?]+)")
_REFUSED_FOR_NOW = {408, 410, 429, 449, 500, 502, 503, 504}
_NOTHING_HAPPENED = {410, 429, 449}
_NOBODY_THERE = {0, 502, 503, 504}
_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `kind` is read, query, batch, container or account.

    `charge` is in request units; `status` is 0 when no answer came.
    """

    kind: str
    container: str
    charge: float
    seconds: float
    status: int


OnCall: TypeAlias = Callable[[Call], None]


class Unanswered(AzureError):
    """No answer, or one that says: not now. `applied` is False where nothing can have happened."""

    def __init__(self, why: str, *, applied: bool, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.applied = applied
        self.wait_s = wait_s


class OnceTransport(AioHttpTransport):  # type: ignore[misc]
    """Sends each request once and tells `on_call` what became of it; `on_silence` after every third
    one in a row that found nobody there."""

    def __init__(self, on_call: OnCall, on_silence: Callable[[], None]) -> None:
        super().__init__()
        self._on_call = on_call
        self._on_silence = on_silence
        self._unanswered = 0

    async def send(self, request: Any, **config: Any) -> Any:
        """Raises: Unanswered."""
        began, response = perf_counter(), None
        try:
            response = await super().send(request, **config)
        except AzureError as error:
            cause = error.inner_exception or error
            never_sent = isinstance(cause, aiohttp.ClientConnectorError)
            why = f"no answer ({type(cause).__name__})"
            raise Unanswered(why, applied=not never_sent) from error
        except aiohttp.ClientError as error:
            raise Unanswered(f"no answer ({type(error).__name__})", applied=True) from error
        finally:
            call = _call(request, response, perf_counter() - began)
            self._on_call(call)
            self._heed(call)
        _refuse(response)
        return response

    def _heed(self, call: Call) -> None:
        self._unanswered = self._unanswered + 1 if call.status in _NOBODY_THERE else 0
        if self._unanswered == _IN_A_ROW:
            self._unanswered = 0
            self._on_silence()


def _refuse(response: Any) -> None:
    """Raises: Unanswered - to be asked again, later."""
    status = response.status_code
    if status not in _REFUSED_FOR_NOW:
        return
    wait_ms = response.headers.get("x-ms-retry-after-ms") or "0"
    raise Unanswered(
        f"status {status}", applied=status not in _NOTHING_HAPPENED, wait_s=float(wait_ms) / 1000
    )


def _call(request: Any, response: Any, seconds: float) -> Call:
    headers = {} if response is None else response.headers
    named = _CONTAINER.search(request.url)
    return Call(
        kind=_kind(request),
        container=named[1] if named else "",
        charge=float(headers.get("x-ms-request-charge") or 0),
        seconds=seconds,
        status=0 if response is None else response.status_code,
    )


def _kind(request: Any) -> str:
    headers = {name.lower(): str(value).lower() for name, value in request.headers.items()}
    if "/docs" not in request.url:
        return "container" if "/colls/" in request.url else "account"
    if headers.get("x-ms-documentdb-isquery") == "true":
        return "query"
    if headers.get("x-ms-cosmos-is-batch-request") == "true":
        return "batch"
    return "read"
