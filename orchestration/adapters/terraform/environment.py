"""The environment that Terraform gets: nothing is inherited but what is named here."""

import os
from collections.abc import Mapping
from pathlib import Path

INHERITED = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
"""Finding programs, certificates and proxies. Credentials are given, never inherited."""


def environment(
    given: Mapping[str, str], *, home: Path, data: Path, cli_config: Path | None
) -> dict[str, str]:
    """`given` wins: credentials (ARM_*), TF_PLUGIN_CACHE_DIR, HOME where a login is kept there."""
    own = {
        "HOME": str(home),
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "TF_DATA_DIR": str(data),
    }
    if cli_config is not None:
        own["TF_CLI_CONFIG_FILE"] = str(cli_config)
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**inherited, **own, **given}
