"""What Azure's SDKs raise, as our errors."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from orchestration.errors import PermanentError, TemporaryError

LONGEST_WAIT_S = 300.0
MISCONFIGURED_S = 60.0
"""What somebody has to put right, and what takes minutes to be granted, is not asked for sooner."""

_BUSY = (408, 429)
_log = logging.getLogger(__name__)


@asynccontextmanager
async def translated(doing: str, *, within_s: float) -> AsyncIterator[None]:
    """Errors of Azure raised inside, as ours; `doing` begins their sentence.

    Raises: TemporaryError - not there, busy, over the time, or access is not granted (yet);
    PermanentError - refused for good.
    """
    try:
        async with asyncio.timeout(within_s):
            yield
    except TimeoutError as error:
        raise TemporaryError(f"{doing}: no answer within {within_s:g} s") from error
    except HttpResponseError as error:
        raise _refused(doing, error) from error
    except AzureError as error:
        raise TemporaryError(f"{doing}: {_first_line(error)}") from error


def _refused(doing: str, error: HttpResponseError) -> Exception:
    status = error.status_code or 0
    if status in (401, 403) or isinstance(error, ClientAuthenticationError):
        fields = {"doing": doing, "status": status, "code": code_of(error)}
        _log.error("azure.no_access", extra={"fields": fields})
        why = f"{doing}: Azure gives no access ({code_of(error) or status or 'no token'})"
        return TemporaryError(why, retry_after_s=MISCONFIGURED_S)
    why = f"{doing}: Azure answers {status} {code_of(error)}".rstrip()
    if status in _BUSY or status >= 500 or not status:
        return TemporaryError(why, retry_after_s=_wait_s(error))
    return PermanentError(why)


def code_of(error: HttpResponseError) -> str:
    """Azure's own word for why; its description may quote what we sent."""
    code = getattr(error, "error_code", None) or getattr(error.error, "code", None)
    return str(getattr(code, "value", code) or "")


def _wait_s(error: HttpResponseError) -> float:
    headers = getattr(error.response, "headers", {})
    try:
        return min(max(float(headers["Retry-After"]), 1.0), LONGEST_WAIT_S)
    except (KeyError, ValueError):
        return 5.0


def _first_line(error: AzureError) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
