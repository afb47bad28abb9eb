"""The planner's packages, and the model's endpoint if one is configured."""

from importlib.util import find_spec
from urllib.parse import urlsplit

from bot.doctor.finding import Checked
from bot.doctor.reach import reachable
from bot.settings import Settings

_PACKAGES = ("semantic_kernel", "openai", "numpy", "rapidfuzz")


async def planner(settings: Settings) -> Checked:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        return Checked("planner", f"{', '.join(missing)} missing", "Run `make run` to install.")
    if settings.planner_kind == "embedded":
        return Checked("planner", "embedded; no model is configured")
    endpoint = urlsplit(settings.azure_openai_endpoint or "https://api.openai.com")
    address = f"{endpoint.hostname}:{endpoint.port or 443}"
    if await reachable(address):
        return Checked("planner", f"{settings.planner_kind} at {address} answers")
    return Checked(
        "planner",
        f"{settings.planner_kind} at {address} does not answer; the embedded one stands in",
        "Check the endpoint and the network, or unset it.",
    )
