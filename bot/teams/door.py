"""POST /api/messages: what is no activity of the channel's is turned away here, with a 4xx."""

import logging

from aiohttp import web

from bot.teams.activity import Activity, Malformed, read_activity
from bot.teams.adapter import Hear, TeamsAdapter
from bot.teams.proof import CHANNEL, Unproved
from bot.teams.service_hosts import ServiceHosts, is_loopback
from orchestration.errors import TemporaryError

_RETRY = {"Retry-After": "5"}
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
_log = logging.getLogger(__name__)


class Door:
    """Opens for the channel alone; in `local` mode for this machine alone."""

    def __init__(
        self, adapter: TeamsAdapter, hosts: ServiceHosts, hear: Hear, *, local: bool
    ) -> None:
        self._adapter = adapter
        self._hosts = hosts
        self._hear = hear
        self._local = local

    async def post(self, request: web.Request) -> web.Response:
        """400, 401, 413 or 415 for what is refused, 503 for what should be sent again."""
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            activity = read_activity(await _body(request))
            self._refuse_strangers(request, activity)
            authorization = request.headers.get("Authorization", "")
            answer = await self._adapter.turn(activity, authorization, self._hear)
        except Malformed as error:
            return _refused(400, error, f"This is no activity of the Bot Framework. {error}\n")
        except Unproved as error:
            return _refused(401, error)
        except TemporaryError:
            _log.warning("activity_postponed", exc_info=True)
            return web.Response(status=503, headers=_RETRY)
        if answer.body is None:
            return web.Response(status=answer.status)
        return web.json_response(answer.body, status=answer.status)

    def _refuse_strangers(self, request: web.Request, activity: Activity) -> None:
        """Raises: Unproved - it is not for us, whoever signed it."""
        if not self._hosts.allow(activity.service_url):
            raise Unproved(f"serviceUrl {activity.service_url!r} is not in teams_service_hosts")
        if self._local:
            if not is_loopback(request.remote or "") or any(h in request.headers for h in _PROXIED):
                raise Unproved("in local mode nobody but this machine may come")
        elif activity.channel != CHANNEL:
            raise Unproved(f"channelId {activity.channel!r} is not {CHANNEL!r}")


async def _body(request: web.Request) -> bytes:
    """Raises: Malformed - it ends early, or is not packed as it says."""
    try:
        return await request.read()
    except web.HTTPException:
        raise
    except Exception as error:
        raise Malformed("the body ends early, or is not packed as it says") from error


def _refused(status: int, error: Exception, text: str | None = None) -> web.Response:
    _log.info("activity_refused", extra={"fields": {"status": status, "why": str(error)[:300]}})
    return web.Response(status=status, text=text)
