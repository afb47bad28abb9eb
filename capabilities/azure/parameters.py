"""What every Azure capability shares: region, resource group, tags, and what is known so far."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, field_validator

from capabilities.capability import Decided, Parameters, Question
from capabilities.naming import BY_CONVENTION, convention, name_of
from capabilities.regions import SUGGESTED, parse_region
from capabilities.values import Environment, Provenance

RESERVED_TAGS = ("team", "environment", "managed-by", "signoff-workspace")
"""The tags that Signoff sets itself."""

_LONGEST_TAG_NAME, _LONGEST_TAG_VALUE, _MOST_TAGS = 128, 256, 40
"""Source: Microsoft Learn, tag limits: 50 tags, names of 512 (storage: 128), values of 256."""

_TAKEN_PURPOSES = ("openai", "storage")
"""They end the resource groups of other capabilities."""

_SMALLEST_IP_RANGE = 30
"""Source: Microsoft Learn, storage and Azure AI firewalls: /31 and /32 are given as addresses."""


def _region(value: Any) -> Any:
    return parse_region(value) if isinstance(value, str) else value


class AzureParameters(Parameters):
    region: Annotated[
        str, BeforeValidator(_region), Field(description="Azure region, e.g. eastus or West Europe")
    ]
    resource_group: Annotated[
        str, name_of("resource_group"), Field(description="resource group that is created for it")
    ]

    purpose: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$",
            description="what it is for, in a word that goes into its names: raw, curated",
        ),
    ] = None

    @field_validator("purpose")
    @classmethod
    def _purpose_is_free(cls, purpose: str | None) -> str | None:
        if purpose in _TAKEN_PURPOSES:
            raise ValueError(f"{purpose} is in other names already; choose another word")
        return purpose

    @field_validator("tags")
    @classmethod
    def _tags_fit_azure(cls, tags: dict[str, str]) -> dict[str, str]:
        if len(tags) > _MOST_TAGS:
            raise ValueError(f"at most {_MOST_TAGS} extra tags")
        for name, value in tags.items():
            _check_tag(name, value)
        return tags


def _check_tag(name: str, value: str) -> None:
    if name.lower() in RESERVED_TAGS:
        raise ValueError(f"the tag {name!r} is set by Signoff; choose another name")
    if not re.fullmatch(rf"[^<>%&\\?/\x00-\x1f]{{1,{_LONGEST_TAG_NAME}}}", name):
        raise ValueError(f"tag {name!r}: 1 to 128 characters, none of < > % & \\ ? /")
    if name.lower().startswith(("microsoft", "azure", "windows")):
        raise ValueError(f"tag {name!r}: Azure reserves names that begin so")
    if len(value) > _LONGEST_TAG_VALUE:
        raise ValueError(f"tag {name!r}: its value has at most {_LONGEST_TAG_VALUE} characters")


def ip_range(text: str) -> str:
    """A public IPv4 address or range, as Azure's firewalls take it.

    Raises: ValueError - not one; the message says what is.
    """
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise ValueError(
            f"{text!r} is not an IPv4 range; write 203.0.113.0/24 or one address"
        ) from None
    if network.prefixlen > 0 and network.is_private and not _documentation(network):
        raise ValueError(
            f"{text!r} is private; Azure's firewall takes public addresses, for private ones "
            "use a private endpoint"
        )
    if network.prefixlen > _SMALLEST_IP_RANGE:
        return str(network.network_address) if network.prefixlen == 32 else _two(network)
    return str(network)


def _documentation(network: IPv4Network) -> bool:
    """Source: RFC 5737; examples and tests are written with these."""
    examples = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
    return any(network.subnet_of(IPv4Network(example)) for example in examples)


def _two(network: IPv4Network) -> str:
    first, second = network
    raise ValueError(f"Azure takes no /31 ranges; write {first} and {second}")


def open_to_all(ranges: list[str]) -> bool:
    return any(text.endswith("/0") for text in ranges)


@dataclass(frozen=True, slots=True)
class Known:
    """The shared values so far, as far as they are usable; None where one is missing or bad."""

    team: str | None
    environment: Environment | None
    purpose: str = ""

    _TEAM: ClassVar = re.compile(r"[a-z][a-z0-9-]{0,19}")
    _PURPOSE: ClassVar = re.compile(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Known":
        team, environment = values.get("team"), values.get("environment")
        purpose = values.get("purpose")
        return cls(
            team if isinstance(team, str) and cls._TEAM.fullmatch(team) else None,
            Environment(environment) if environment in list(Environment) else None,
            purpose if isinstance(purpose, str) and cls._PURPOSE.fullmatch(purpose) else "",
        )

    def closed(self) -> Decided:
        """No public access, whatever the environment: opening up is asked for, and signed off."""
        if self.environment is Environment.PRODUCTION:
            return suggested(False, "production: no public access")
        return suggested(False, "closed to the internet unless somebody asks to open it")

    def names(self, capability: str, kinds: Mapping[str, str], ordinal: int) -> dict[str, Decided]:
        """Suggested names by parameter; none as long as team or environment is unknown."""
        if self.team is None or self.environment is None:
            return {}
        return {
            parameter: suggested(
                convention().suggest(
                    capability,
                    parameter,
                    kind,
                    team=self.team,
                    environment=self.environment,
                    purpose=self.purpose,
                    ordinal=ordinal,
                ),
                BY_CONVENTION,
            )
            for parameter, kind in kinds.items()
        }


def suggested(value: Any, because: str) -> Decided:
    return Decided(value, Provenance.SUGGESTED, because)


QUESTIONS = (
    Question("team", "Which team is it for?", ("ml", "data", "platform"), rank=10),
    Question(
        "environment",
        "Which environment: dev, test, staging or production?",
        tuple(Environment),
        rank=20,
    ),
    Question("region", "Which Azure region should it run in?", SUGGESTED, rank=30),
)
"""What is asked for any Azure capability; everything else is decided from the answers."""
