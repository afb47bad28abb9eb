"""`az account`, as much of it as the Databricks provider calls to get its tokens.

The provider takes a managed identity from a virtual machine alone; elsewhere the only way in is the
`az` that it finds on PATH. This one asks our token endpoint, whose address is in the environment.
A script of its own, importing nothing of ours.

Source: databricks-sdk-go, authentication type `azure-cli`.
"""

import json
import os
import sys
import time
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

_WITHIN_S = 30.0


def main(arguments: list[str]) -> int:
    match arguments:
        case ["account", "show", *_]:
            print(json.dumps({"user": {"type": "servicePrincipal", "name": _NAME}}))  # noqa: T201
            return 0
        case ["account", "get-access-token", "--resource", resource, *_]:
            print(json.dumps(_token(resource)))  # noqa: T201
            return 0
    sys.stderr.write("only `az account show` and `az account get-access-token` are here\n")
    return 2


_NAME = "systemAssignedIdentity"
"""The SDK then leaves the tenant to us."""


def _token(resource: str) -> dict[str, str]:
    query = urlencode({"resource": resource, "api-version": "2018-02-01"})
    request = Request(f"{os.environ['SIGNOFF_TOKENS']}?{query}", headers={"Metadata": "true"})  # noqa: S310
    with build_opener(ProxyHandler({})).open(request, timeout=_WITHIN_S) as answer:
        given = json.load(answer)
    until = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(given["expires_on"])))
    return {
        "accessToken": given["access_token"],
        "tokenType": "Bearer",
        "expiresOn": f"{until}.000000",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
