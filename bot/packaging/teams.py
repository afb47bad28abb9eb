"""The app package of Teams: a manifest and two icons in a zip, the same bytes each time.

Source: Microsoft Teams, app manifest schema 1.30, "Create the app package" and the limits of the
store: 10 commands of 32 characters, a colour icon of 192 and an outline of 32 pixels.
"""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from urllib.parse import urlsplit
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from bot.packaging.png import Picture, read_png
from bot.packaging.template import MANIFESTS, Installation, Manifest, filled, written

_ICON_SIDES = {"color": 192, "outline": 32}
_LONGEST = {
    ("name", "short"): 30,
    ("name", "full"): 100,
    ("description", "short"): 80,
    ("description", "full"): 4000,
    ("developer", "name"): 32,
}
_MOST_COMMANDS, _LONGEST_COMMAND, _LONGEST_HINT = 10, 32, 128
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.I)


def teams_manifest(installation: Installation) -> Manifest:
    return filled(
        "teams",
        {
            "app_id": installation.app_id.lower(),
            "organisation": installation.organisation,
            "version": installation.version,
            "public_url": installation.public_url,
            "host": urlsplit(installation.public_url).hostname or "",
        },
    )


def icons() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((MANIFESTS / "teams").glob("*.png"))}


def archive(manifest: Manifest, pictures: Mapping[str, bytes]) -> bytes:
    """The zip, without the time at which it was made and what depends on a version of zlib."""
    packed = BytesIO()
    with ZipFile(packed, "w") as zipped:
        for name, content in {"manifest.json": written(manifest), **pictures}.items():
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = ZIP_STORED, 0o644 << 16
            entry.create_system = 3
            zipped.writestr(entry, content)
    return packed.getvalue()


def problems(manifest: Manifest, pictures: Mapping[str, bytes]) -> Iterator[str]:
    """Sentences on what Teams would refuse, or silently not do."""
    yield from _texts(manifest)
    yield from _addresses(manifest)
    yield from _bot(manifest)
    for kind, side in _ICON_SIDES.items():
        name = manifest["icons"][kind]
        if name not in pictures:
            yield f"icons.{kind}: there is no {name} in the package."
            continue
        yield from _icon(kind, side, read_png(pictures[name]))


def _texts(manifest: Manifest) -> Iterator[str]:
    for (part, field), most in _LONGEST.items():
        text = manifest[part][field]
        if not 1 <= len(text) <= most:
            yield f"{part}.{field}: {text!r} has {len(text)} characters; it may have 1 to {most}."
    if not re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"]):
        yield f"version: {manifest['version']!r} is not like 1.2.3."


def _addresses(manifest: Manifest) -> Iterator[str]:
    for field in ("websiteUrl", "privacyUrl", "termsOfUseUrl"):
        url = urlsplit(manifest["developer"][field])
        if url.scheme != "https" or not _HOST.fullmatch(url.hostname or ""):
            yield f"developer.{field}: {url.geturl()!r} is not https://HOST of the internet."
    for domain in manifest["validDomains"]:
        if not _HOST.fullmatch(domain):
            yield f"validDomains: {domain!r} is not a host's name."


def _bot(manifest: Manifest) -> Iterator[str]:
    (bot,) = manifest["bots"]
    ids = (manifest["id"], bot["botId"], manifest["webApplicationInfo"]["id"])
    for id in sorted({*ids}):
        if not _GUID.fullmatch(id):
            yield f"id: {id!r} is not an app id, such as 00000000-0000-0000-0000-000000000000."
    if bot["botId"] != manifest["webApplicationInfo"]["id"]:
        yield "webApplicationInfo.id: consent would be given to another app than the bot."
    for listed in bot["commandLists"]:
        if foreign := {*listed["scopes"]} - {*bot["scopes"]}:
            yield f"commandLists: the bot is not in the scope {min(foreign)!r}."
        if len(listed["commands"]) > _MOST_COMMANDS:
            yield f"commandLists: more than {_MOST_COMMANDS} commands."
        for command in listed["commands"]:
            if len(command["title"]) > _LONGEST_COMMAND:
                yield f"commandLists: {command['title']!r} is longer than {_LONGEST_COMMAND}."
            if not 1 <= len(command.get("description", "")) <= _LONGEST_HINT:
                yield f"commandLists: {command['title']!r} needs 1 to {_LONGEST_HINT} characters."


def _icon(kind: str, side: int, picture: Picture) -> Iterator[str]:
    if (picture.width, picture.height) != (side, side):
        yield f"icons.{kind}: {picture.width}x{picture.height} pixels; it has to be {side}x{side}."
    elif kind == "outline" and not picture.is_white_on_transparent():
        yield "icons.outline: it has to be white alone, on transparent."
