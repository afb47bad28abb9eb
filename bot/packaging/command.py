"""Builds both packages, or says why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot import VERSION
from bot.packaging import schemas, slack, teams
from bot.packaging.template import Installation, Manifest, written
from bot.settings import Settings
from orchestration.errors import UserError

_FOR_TEAMS = "For Teams give --app-id and --public-url, or set teams_app_id and public_url."
_FOR_SLACK = (
    "For Slack give --public-url, or set public_url; or give --socket-mode without --oauth."
)

TEAMS_FILE, SLACK_FILE = "signoff-teams.zip", "signoff-slack.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says; "" is what the settings say."""

    out: Path
    app_id: str = ""
    public_url: str = ""
    socket_mode: bool = False
    oauth: bool = False


def package(settings: Settings, wanted: Wanted, out: TextIO) -> int:
    """Write what can be built and say so.

    Raises: UserError - nothing can be built, or a manifest would be refused.
    """
    installation = Installation(
        organisation=settings.organisation,
        version=VERSION,
        public_url=(wanted.public_url or settings.public_url).rstrip("/"),
        app_id=wanted.app_id or settings.teams_app_id,
    )
    socket_mode = wanted.socket_mode or bool(settings.slack_app_token)
    oauth = wanted.oauth or bool(settings.slack_client_id)
    manifests: dict[str, Manifest] = {}
    left_out = []
    if installation.app_id and installation.public_url:
        manifests["teams"] = teams.teams_manifest(installation)
    else:
        left_out.append(_FOR_TEAMS)
    if installation.public_url or (socket_mode and not oauth):
        manifests["slack"] = slack.slack_manifest(
            installation, socket_mode=socket_mode, oauth=oauth
        )
    else:
        left_out.append(_FOR_SLACK)
    if not manifests:
        raise UserError(" ".join(left_out))
    _refuse_faulty(manifests)
    _write(wanted.out, _built(manifests), out)
    out.writelines(f"Left out. {sentence}\n" for sentence in left_out)
    return 0


def _built(manifests: dict[str, Manifest]) -> dict[str, bytes]:
    built = {}
    if "teams" in manifests:
        built[TEAMS_FILE] = teams.archive(manifests["teams"], teams.icons())
    if "slack" in manifests:
        built[SLACK_FILE] = written(manifests["slack"])
    return built


def _refuse_faulty(manifests: dict[str, Manifest]) -> None:
    """Raises: UserError - with everything that is wrong."""
    found = [*dict.fromkeys(_own(manifests))]
    if not found and schemas.available():
        found = schemas.violations(manifests)
    if found:
        raise UserError("The manifests would be refused:\n" + "\n".join(f"  {x}" for x in found))


def _own(manifests: dict[str, Manifest]) -> Iterator[str]:
    if "teams" in manifests:
        for problem in teams.problems(manifests["teams"], teams.icons()):
            yield f"teams: {problem}"
    if "slack" in manifests:
        for problem in slack.problems(manifests["slack"]):
            yield f"slack: {problem}"


def _write(folder: Path, built: dict[str, bytes], out: TextIO) -> None:
    """Raises: UserError - the folder cannot be written to."""
    checked = "own rules and the vendors' schemas" if schemas.available() else "own rules"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in built.items():
            (folder / name).write_bytes(content)
            out.write(f"{folder / name}: {len(content):,} bytes, checked against {checked}\n")
    except OSError as error:
        raise UserError(f"Writing to {str(folder)!r}: {error.strerror or error}.") from error
