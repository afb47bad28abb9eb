"""Whether Slack would take blocks and views: the shapes of npm's `@slack/types`, and the limits.

Source: Slack's reference of each block, and of views; what is over the limits is refused there.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

NODE = Path(__file__).parents[2] / "node"
_KEPT = NODE / "node_modules" / ".cache" / "slack-types.json"

_TEXTS = {
    ("section", "text"): 3000,
    ("header", "text"): 150,
    ("button", "text"): 75,
    ("input", "label"): 2000,
    ("input", "hint"): 2000,
    ("confirm", "title"): 100,
    ("confirm", "text"): 300,
    ("confirm", "confirm"): 30,
    ("confirm", "deny"): 30,
    ("option", "text"): 75,
    ("option", "description"): 75,
    ("alert", "text"): 200,
    ("card", "title"): 150,
    ("card", "subtitle"): 150,
    ("card", "body"): 200,
    ("container", "title"): 150,
    ("container", "subtitle"): 150,
}
_STRINGS = {
    ("button", "value"): 2000,
    ("button", "url"): 3000,
    ("markdown", "text"): 12_000,
    ("option", "value"): 150,
    ("image", "image_url"): 3000,
    ("image", "alt_text"): 2000,
    ("*", "action_id"): 255,
    ("*", "block_id"): 255,
}
_COUNTS = {
    ("section", "fields"): 10,
    ("actions", "elements"): 25,
    ("context", "elements"): 10,
    ("context_actions", "elements"): 5,
    ("container", "child_blocks"): 10,
    ("carousel", "elements"): 10,
    ("static_select", "options"): 100,
    ("overflow", "options"): 5,
    ("checkboxes", "options"): 10,
    ("radio_buttons", "options"): 10,
    ("table", "rows"): 100,
    ("table", "column_settings"): 20,
}
_CALLED = {"confirm": "confirm", "options": "option", "initial_option": "option"}
_MODAL_ONLY = {"file_input", "email_text_input", "url_text_input", "number_input"}
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_CHARACTERS = 13_200
_FIELD = 2000


def message_problems(blocks: Any) -> list[str]:
    """Why `chat.postMessage` would answer `invalid_blocks`. Empty: it would not."""
    if not isinstance(blocks, list):
        return ["blocks is no array"]
    found = [*_block_problems(blocks, MESSAGE_BLOCKS)]
    if sum(block.get("type") == "table" for block in blocks if isinstance(block, dict)) > 1:
        found.append("more than one table")
    for n, block in enumerate(blocks):
        element = block.get("element") if isinstance(block, dict) else None
        if isinstance(element, dict) and element.get("type") in _MODAL_ONLY:
            found.append(f"blocks[{n}]: {element['type']} is for modals")
    return found


def view_problems(view: Any) -> list[str]:
    if not isinstance(view, dict) or not isinstance(view.get("blocks"), list):
        return ["a view that is no object with blocks"]
    found = [*_block_problems(view["blocks"], VIEW_BLOCKS)]
    for name in ("title", "submit", "close"):
        text = (view.get(name) or {}).get("text", "")
        if len(text) > 24 or (name in view and not text):
            found.append(f"{name} has {len(text)} characters")
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if len(view.get(name) or "") > most:
            found.append(f"{name} is longer than {most}")
    if view.get("type") == "modal":
        if "title" not in view:
            found.append("a modal without a title")
        if "submit" not in view and any(b.get("type") == "input" for b in view["blocks"]):
            found.append("inputs without submit")
    elif view.get("type") != "home":
        found.append(f"there is no view {view.get('type')!r}")
    return found


def _block_problems(blocks: Sequence[Any], most: int) -> Iterator[str]:
    if len(blocks) > most:
        yield f"{len(blocks)} blocks, more than {most}"
    for n, block in enumerate(blocks):
        yield from _shape_problems(block, f"blocks[{n}]")
        yield from _limits(block, "", f"blocks[{n}]")
        yield from _repeated(block, f"blocks[{n}]")
    ids = [b["block_id"] for b in blocks if isinstance(b, dict) and b.get("block_id")]
    if len(ids) != len(set(ids)):
        yield "a block_id twice"


def _shape_problems(block: Any, where: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    definition = _definitions().get(str(kind))
    if definition is None:
        yield f"{where}: there is no block {kind!r}"
        return
    for error in definition.iter_errors(block):
        path = "/".join(map(str, error.absolute_path))
        yield f"{where}/{path}: {error.message[:200]}"


def _limits(node: Any, called: str, where: str) -> Iterator[str]:
    if isinstance(node, list):
        for n, child in enumerate(node):
            yield from _limits(child, called, f"{where}[{n}]")
    if not isinstance(node, dict):
        return
    kind = str(node.get("type") or called)
    if kind in {"plain_text", "mrkdwn"} and not node.get("text"):
        yield f"{where}: empty text"
    for name, value in node.items():
        at = f"{where}.{name}"
        yield from _over(kind, name, value, at)
        yield from _limits(value, _CALLED.get(name, name), at)


def _over(kind: str, name: str, value: Any, at: str) -> Iterator[str]:
    most = _STRINGS.get((kind, name)) or _STRINGS.get(("*", name))
    if isinstance(value, str) and most and len(value) > most:
        yield f"{at}: {len(value)} characters, more than {most}"
    if isinstance(value, dict) and value.get("type") in {"plain_text", "mrkdwn"}:
        most, length = _TEXTS.get((kind, name), 3000), len(value.get("text") or "")
        if length > most:
            yield f"{at}: {length} characters, more than {most}"
    if isinstance(value, list) and len(value) > _COUNTS.get((kind, name), len(value)):
        yield f"{at}: {len(value)}, more than {_COUNTS[kind, name]}"
    if (kind, name) == ("section", "fields") and max(map(_length, value), default=0) > _FIELD:
        yield f"{at}: a field of more than {_FIELD} characters"
    if (kind, name) == ("table", "rows") and any(len(row) > 20 for row in value):
        yield f"{at}: a row of more than 20 cells"


def _length(field: Any) -> int:
    return len(field.get("text") or "") if isinstance(field, dict) else 0


def _repeated(block: Any, where: str) -> Iterator[str]:
    elements = block.get("elements") if isinstance(block, dict) else None
    listed = [e for e in elements or () if isinstance(e, dict)]
    ids = [e["action_id"] for e in listed if e.get("action_id")]
    if len(ids) != len(set(ids)):
        yield f"{where}: an action_id twice"


@cache
def _definitions() -> Mapping[str, Draft7Validator]:
    """A validator for each type of block."""
    schema = json.loads(_schema())
    known = schema["definitions"]
    found: dict[str, Draft7Validator] = {}
    for each in known["KnownBlock"]["anyOf"]:
        name = each["$ref"].rpartition("/")[2]
        validator = Draft7Validator({"$ref": each["$ref"], "definitions": known})
        found |= dict.fromkeys(_kinds(known[name], known), validator)
    return found


def _kinds(definition: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """The values of `type` that a definition allows."""
    if "$ref" in definition:
        yield from _kinds(known[definition["$ref"].rpartition("/")[2]], known)
    if "properties" in definition:
        yield definition["properties"]["type"]["const"]
    for one in definition.get("anyOf", ()):
        yield from _kinds(one, known)


def _schema() -> str:
    """The TypeScript types of blocks as JSON schema; made once for what is installed."""
    if not _KEPT.exists():
        made = subprocess.run(
            (
                *("node", "node_modules/.bin/ts-json-schema-generator", "--no-type-check"),
                *("--path", "node_modules/@slack/types/dist/index.d.ts", "--type", "KnownBlock"),
            ),
            cwd=NODE,
            capture_output=True,
            text=True,
            check=True,
        )
        _KEPT.parent.mkdir(exist_ok=True)
        _KEPT.write_text(made.stdout, encoding="utf-8")
    return _KEPT.read_text(encoding="utf-8")
