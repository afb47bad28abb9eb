"""Addresses of threads, for people to follow."""

from bot.slack.api import Api
from bot.slack.spot import Spot
from orchestration.errors import SignoffError

_TIMEOUT_S = 2.0


class Links:
    """A workspace's own address is asked for once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._bases: dict[str, str] = {}

    async def base(self, team: str) -> str:
        """`https://<workspace>.slack.com`; "" while Slack does not say."""
        known = self._bases.get(team, "")
        if not known:
            try:
                who = await self._api.ask(
                    team, lambda client: client.auth_test(), timeout_s=_TIMEOUT_S
                )
            except SignoffError:
                return ""
            known = self._bases[team] = str(who.get("url") or "").rstrip("/")
        return known


def thread_url(base: str, spot: Spot) -> str:
    """Source: Slack, permalinks: `p` and the message's time without its point."""
    if not spot.thread_ts:
        return f"{base}/archives/{spot.channel}"
    at = spot.thread_ts.replace(".", "")
    return f"{base}/archives/{spot.channel}/p{at}?thread_ts={spot.thread_ts}&cid={spot.channel}"
