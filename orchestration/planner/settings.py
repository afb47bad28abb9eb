"""Which models answer, and within which limits: plain values, no environment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from orchestration.planner.tariff import Tariff

TokenProvider = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """An Azure OpenAI resource, or OpenAI when `api_version` is empty.

    Either `api_key` or `token_provider` (Microsoft Entra) is set.
    """

    endpoint: str
    large: str
    """Deployment (Azure) or model (OpenAI) that takes every turn it is needed for."""
    small: str = ""
    """Takes the turns `routing.small_is_enough` allows; empty: the large one takes them all."""
    api_version: str = "2024-10-21"
    api_key: str = field(default="", repr=False)
    token_provider: TokenProvider | None = field(default=None, repr=False)
    request_timeout_s: float = 8.0
    attempts: int = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may use before it is ended with an answer."""

    deadline_s: float = 20.0
    model_share_s: float = 15.0
    """Of the deadline, what a remote model may use; the rest is for the embedded one."""
    requests: int = 6
    tool_calls: int = 12
    tokens: int = 60_000
    characters: int = 20_000
    embedded_characters: int = 1_000
    """Longer texts are refused by the embedded planner.
    Source: prototypes/planner, long jailbreak texts selected capabilities."""
    tariff: Tariff = field(default_factory=dict)
