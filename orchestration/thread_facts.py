"""Short texts that answer by themselves: what can be asked for, what was done."""

from capabilities.capability import Catalogue
from orchestration.deployments import Deployments
from orchestration.standing import standing

_SHOWN = 10


def catalogue_text(catalogue: Catalogue) -> str:
    found = (catalogue[id] for id in catalogue.ids())
    return "\n".join(["I can set up:", *(f"- {c.title}: {c.summary}" for c in found)])


async def history_text(deployments: Deployments) -> str:
    """The newest deployments, one a line."""
    lines = [
        f"{d.at:%Y-%m-%d %H:%M} {d.title}: {standing(d)}, asked by {d.requester}"
        for d in await deployments.newest(_SHOWN)
    ]
    return "\n".join(lines) or "Nothing has been deployed yet."
