"""Whether the ports that `signoff serve` and `signoff work` listen at can be had."""

import os
import socket

from bot.doctor.finding import Checked
from bot.processes.lock import holder
from bot.settings import Settings
from orchestration.errors import UserError


def ports(settings: Settings) -> Checked:
    wanted = {
        "port": (settings.host, settings.port),
        "operations_port": (settings.operations_host, settings.operations_port),
        "work_port": (settings.operations_host, settings.work_port),
    }
    asked = {name: at for name, at in wanted.items() if at[1]}
    if not asked:
        return Checked("ports", "any that is free")
    taken = {name: why for name, at in asked.items() if (why := _taken(*at))}
    found = ", ".join(
        f"{host}:{port} {taken.get(name, 'is free')}" for name, (host, port) in asked.items()
    )
    running = _running(settings)
    if taken and running is not None:
        return Checked("ports", f"{found}; Signoff runs here as process {running}")
    missed = [name for name in taken if name != "port" or _serves(settings)]
    names = " and ".join(f"SIGNOFF_{name.upper()}" for name in missed)
    return Checked("ports", found, f"Set {names} to another, or its host." if missed else "")


def _serves(settings: Settings) -> bool:
    """Who only chats needs no port."""
    teams = settings.teams_app_id or settings.teams_local
    return bool(teams or settings.slack_bot_token or settings.slack_client_id)


def _taken(host: str, port: int) -> str:
    """Why it cannot be listened at; "" if it can."""
    try:
        kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        number = error.errno or 0
        return f"cannot be had: {os.strerror(number).lower() if number > 0 else error}"
    return ""


def _running(settings: Settings) -> str | None:
    try:
        return holder(settings.store)
    except (UserError, OSError):
        return None
