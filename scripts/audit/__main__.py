"""`python -m scripts.audit`: 0 all is well, 1 something has to be mended, 2 nobody can tell."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.audit import advisories, secrets
from scripts.audit.components import by_name, installed, locked
from scripts.audit.licences import licences, rules
from scripts.audit.outcome import Outcome
from scripts.audit.sbom import bill, sbom

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.audit")
    parser.add_argument("--osv-url", default="", help="another service that speaks OSV")
    options = parser.parse_args(arguments)
    return write(checked(ROOT, options.osv_url))


def checked(root: Path, osv_url: str) -> list[Outcome]:
    project = root / "pyproject.toml"
    present = installed(Path(sys.executable), project)
    shipped = locked(root / "requirements.lock", project)
    everything = locked(root / "requirements-dev.lock", project)
    allowed = rules()
    made, problems = bill(shipped, present, allowed)
    pins = [(one["name"], one["version"]) for one in everything["components"]]
    return [
        sbom(made, problems, root / "build" / "sbom.cdx.json"),
        licences([*by_name(everything)], by_name(present), allowed),
        secrets.in_files(root),
        secrets.in_history(root),
        advisories.python(pins, osv_url),
        advisories.npm(root / "tests" / "node"),
    ]


def write(outcomes: list[Outcome]) -> int:
    for one in outcomes:
        sys.stdout.write(f"{one.word:<5}{one.check:<12}{one.found}\n")
        for line in one.problems:
            sys.stdout.write(f"{'':17}{line}\n")
        if one.unknown:
            sys.stdout.write(f"{'':17}not reachable, so nobody can tell from here: {one.unknown}\n")
    if any(one.problems for one in outcomes):
        return 1
    return 2 if any(one.unknown for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
