"""Values of a request and where each of them comes from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from typing_extensions import TypeAliasType

Json = TypeAliasType("Json", "str | int | float | bool | None | list[Json] | dict[str, Json]")


class Environment(StrEnum):
    DEV = "dev"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class Provenance(StrEnum):
    SAID = "said"
    COPIED = "copied"
    SUGGESTED = "suggested"
    DEFAULTED = "defaulted"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter's value; `by` is who said it, or the deployment it was copied from."""

    value: Json
    provenance: Provenance
    by: str = ""
    reason: str = ""

    @property
    def origin(self) -> str:
        """The provenance in words: `said by ana`, `copied from d-7`, `suggested`."""
        match self.provenance:
            case Provenance.SAID if self.by:
                return f"said by {self.by}"
            case Provenance.COPIED if self.by:
                return f"copied from {self.by}"
            case _:
                return self.provenance.value


Values: TypeAlias = Mapping[str, Value]


_UPPER = re.compile(r"\b(sku|ml|gpu|ip|id|gb|url|usd|dns|tls|tpm)\b")


def spelled(parameter: str) -> str:
    """`expected GB` of `expected_gb`."""
    return _UPPER.sub(lambda found: found.group().upper(), parameter.replace("_", " "))
