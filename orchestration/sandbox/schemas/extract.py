"""Makes the schema files again.

    pip download --no-deps -d WHEELS cdktf-cdktf-provider-azurerm==14.23.1 \\
        cdktf-cdktf-provider-databricks==15.16.1 pulumi-azure==6.40.1
    python -m orchestration.sandbox.schemas.extract WHEELS

`wanted.json` says which resources and data sources are kept. A resource added there is all it takes
to have it in the sandbox.
"""

import base64
import gzip
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestration.sandbox.schemas.blocks import blocks
from orchestration.sandbox.schemas.facts import facts
from orchestration.sandbox.schemas.typescript import parse

_HERE = Path(__file__).parent
_SOURCE_MAP = "sourceMappingURL=data:application/json;base64,"
_VERSION = re.compile(r"providerVersion: '([\d.]+)'")


def main(wheels: Path) -> None:
    wanted = json.loads((_HERE / "wanted.json").read_text())
    for provider, names in wanted.items():
        schema = extracted(_only(wheels, f"cdktf_cdktf_provider_{provider}-*.whl"), names)
        schema["hints"] = {}
        if provider == "azurerm":
            with zipfile.ZipFile(_only(wheels, "pulumi_azure-*.whl")) as wheel:
                schema["hints"] = facts(wheel, schema["resource_schemas"])
        content = json.dumps(schema, separators=(",", ":"), sort_keys=True).encode()
        packed = gzip.compress(content, 9, mtime=0)
        (_HERE / f"{provider}.json.gz").write_bytes(packed)
        sys.stdout.write(f"{provider} {schema['version']}: {len(packed)} bytes\n")


def extracted(wheel: Path, wanted: dict[str, list[str]]) -> dict[str, Any]:
    """The provider's version, its own block, and the wanted resources and data sources."""
    out: dict[str, Any] = {"version": None, "provider": None}
    found: dict[str, dict[str, Any]] = {"TerraformResource": {}, "TerraformDataSource": {}}
    for text in _sources(wheel):
        if version := _VERSION.search(text):
            out["version"] = version[1]
        for base, name, block in blocks(parse(text)):
            if base == "TerraformProvider":
                out["provider"] = {"version": 0, "block": block}
            elif name in wanted[base]:
                found[base][name] = {"version": 0, "block": block}
    if missing := [n for base in found for n in wanted[base] if n not in found[base]]:
        raise SystemExit(f"{wheel.name} has no {', '.join(missing)}")
    out["resource_schemas"] = found["TerraformResource"]
    out["data_source_schemas"] = found["TerraformDataSource"]
    return out


def _sources(wheel: Path) -> Iterator[str]:
    """The TypeScript of one resource after the other; it is kept in the source maps."""
    parts: dict[str, list[str]] = {}
    with zipfile.ZipFile(wheel) as archive:
        inner = next(name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(archive.read(inner))) as package:
            for member in package:
                if not re.match(r"package/lib/[^/]+/.*\.js$", member.name):
                    continue
                file = package.extractfile(member)
                code = file.read().decode() if file else ""
                encoded = code[code.rindex(_SOURCE_MAP) + len(_SOURCE_MAP) :]
                source = json.loads(base64.b64decode(encoded))["sourcesContent"][0]
                parts.setdefault(member.name.split("/")[2], []).append(source)
    for texts in parts.values():
        yield "\n".join(texts)


def _only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
