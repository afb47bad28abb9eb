"""The `signoff` command. Each subcommand imports what it needs when it runs, and not before."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 broken, 2 cannot be done as asked."""
    from orchestration.errors import UserError

    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if given[:1] == ["sandbox"]:  # its own options are nobody else's business
            return _sandbox(given[1:])
        options = _parser().parse_args(given)
        return int(options.run(options))
    except UserError as error:
        sys.stderr.write(f"signoff: {error}\n")
        return 2
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        from bot.failures import told

        sys.stderr.write(f"signoff: {told(error, doing=f'running `signoff {given[0]}`')}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signoff", description="Turns a request in a chat into signed-off infrastructure."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(run=run)
        added.add_argument("--store", type=Path, metavar="DIR", help="where everything is kept")
        return added

    chat = command("chat", _chat, "talk in this terminal, or run a script of it")
    chat.add_argument("--script", metavar="FILE", help="run these lines; - is standard input")
    chat.add_argument("--json", action="store_true", help="one JSON object per line")
    command("serve", _serve, "listen to Teams and Slack, and serve the pages")
    command("work", _work, "run jobs; started by chat, or by hand beside an engine")
    doctor = command("doctor", _doctor, "check that everything needed is there")
    doctor.add_argument("--json", action="store_true")
    package = command("package", _package, "build and check the app packages of Teams and Slack")
    package.add_argument("--out", type=Path, default=Path("dist"), metavar="DIR")
    package.add_argument("--app-id", default="", help="the app id of the Azure Bot")
    package.add_argument("--public-url", default="", help="https://HOST that reaches this bot")
    package.add_argument("--socket-mode", action="store_true", help="Slack need not reach it")
    package.add_argument("--oauth", action="store_true", help="Slack workspaces install it")
    audit = command("audit", _audit, "show what happened, and that nobody changed the record")
    audit.add_argument("deployment", nargs="?", help="its id, or sign-ins; all without it")
    audit.add_argument("--verify", action="store_true", help="check the hash chain")
    audit.add_argument("--json", action="store_true")
    _add_keeping(command)
    commands.add_parser("sandbox", help="look at, and meddle with, simulated clouds")
    command("version", _version, "print the version")
    return parser


def _add_keeping(command: Callable[[str, object, str], argparse.ArgumentParser]) -> None:
    """The commands for what is kept."""
    backup = command("backup", _backup, "copy the store folder while it is in use")
    backup.add_argument("to", type=Path, metavar="DIR", help="a folder that is not there yet")
    command("index", _index, "make the lists of deployments anew, from the deployments")
    keys = command("keys", _keys, "give the artifacts a new key; what is there still opens")
    keys.add_argument("action", choices=["rotate"])
    unlock = command("unlock", _unlock, "remove the state lock of a machine that died")
    unlock.add_argument("workspace", help="ORGANISATION/ENVIRONMENT/CAPABILITY/NAME")
    unlock.add_argument(
        "--gone", default="", metavar="HOST", help="it is gone: you have seen to it"
    )


def _settings(options: argparse.Namespace) -> "Settings":
    from bot.settings import load

    return load(os.environ, Path.cwd(), store=options.store)


def _found(options: argparse.Namespace) -> "Settings":
    """For what works on a store that is there, and makes none.

    Raises: UserError - there is none.
    """
    from bot.stores import found_file

    settings = _settings(options)
    if not settings.cosmos_url:
        found_file(settings)
    return settings


def _chat(options: argparse.Namespace) -> int:
    from bot.terminal.command import chat

    return chat(_settings(options), script=options.script, as_json=options.json)


def _serve(options: argparse.Namespace) -> int:
    from importlib import import_module

    from bot.running import busy_loop, run_logged

    settings = _settings(options)
    serve = import_module("bot.server").serve(settings)
    return run_logged(settings, serve, doing="serving", loops=busy_loop)


def _work(options: argparse.Namespace) -> int:
    from importlib import import_module

    from bot.running import run_logged

    settings = _settings(options)
    work = import_module("bot.wiring").work(settings)
    return run_logged(settings, work, doing="running jobs")


def _doctor(options: argparse.Namespace) -> int:
    from bot.doctor.report import check, write
    from bot.running import run

    async def checked() -> int:
        checks = await check(_settings(options))
        write(checks, sys.stdout, as_json=options.json)
        return 0 if all(one.ok for one in checks) else 1

    return run(checked())


def _package(options: argparse.Namespace) -> int:
    from bot.packaging.command import Wanted, package

    wanted = Wanted(
        options.out, options.app_id, options.public_url, options.socket_mode, options.oauth
    )
    return package(_settings(options), wanted, sys.stdout)


def _audit(options: argparse.Namespace) -> int:
    from importlib import import_module

    from bot.running import run_logged

    settings = _found(options)
    work = import_module("bot.auditing").audit(
        settings,
        options.deployment,
        verify=options.verify,
        as_json=options.json,
        out=sys.stdout,
    )
    return run_logged(settings, work, doing="reading the record")


def _backup(options: argparse.Namespace) -> int:
    from importlib import import_module

    from bot.running import run_logged

    settings = _found(options)
    work = import_module("bot.backup").backup(settings, options.to, sys.stdout)
    return run_logged(settings, work, doing="copying the store")


def _index(options: argparse.Namespace) -> int:
    from importlib import import_module

    from bot.running import run_logged

    settings = _found(options)
    work = import_module("bot.indexing").index(settings, sys.stdout)
    return run_logged(settings, work, doing="making the lists anew")


def _keys(options: argparse.Namespace) -> int:
    from bot.keys import rotate

    return rotate(_settings(options), sys.stdout)


def _unlock(options: argparse.Namespace) -> int:
    from getpass import getuser
    from importlib import import_module

    from bot.running import run_logged

    settings = _found(options)
    work = import_module("bot.unlocking").unlock(
        settings, options.workspace, gone=options.gone, by=getuser(), out=sys.stdout
    )
    return run_logged(settings, work, doing="unlocking")


def _sandbox(arguments: list[str]) -> int:
    """Its own options, on the store folder's sandbox unless `--root`, anywhere, names another."""
    from bot.settings import load
    from bot.terminal.command import sandbox

    where = argparse.ArgumentParser("signoff sandbox", add_help=False, allow_abbrev=False)
    where.add_argument("--root", type=Path)
    named, rest = where.parse_known_args(arguments)
    root = named.root or load(os.environ, Path.cwd()).store / "sandbox"
    sys.stdout.writelines(f"{line}\n" for line in sandbox(root, rest))
    return 0


def _version(_: argparse.Namespace) -> int:
    from bot import VERSION

    sys.stdout.write(f"signoff {VERSION}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
